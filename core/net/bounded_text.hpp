// Texts that are cheap to copy.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

namespace vrrp {

// A name, or the world's words for a failure, cut to a size that keeps events trivially copyable.
template <std::size_t Size>
class BoundedText {
  public:
    BoundedText() = default;
    explicit BoundedText(std::string_view text) : size_(std::min(text.size(), text_.size())) {
        std::copy_n(text.begin(), size_, text_.begin());
    }
    std::string_view view() const { return {text_.data(), size_}; }
    bool empty() const { return size_ == 0; }

    auto fields() const { return std::tie(text_, size_); }
    friend bool operator==(const BoundedText& a, const BoundedText& b) { return a.view() == b.view(); }

  private:
    std::array<char, Size> text_{};
    std::size_t size_ = 0;
};
using ShortText = BoundedText<80>;
using Sentence = BoundedText<160>; // one with names and a remedy in it

} // namespace vrrp
