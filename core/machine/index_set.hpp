// Which places of a table have something to be done: each once, in the order in which they were named.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace vrrp {

// Allocates nothing once every place has been named.
class IndexSet {
  public:
    explicit IndexSet(std::size_t places) : named_(places, false) { order_.reserve(places); }

    void grow(std::size_t places) { named_.resize(std::max(places, named_.size()), false); }

    void insert(std::size_t place) {
        if (named_[place]) return;
        named_[place] = true;
        order_.push_back(place);
    }

    // In ascending order from now on.
    void sort() { std::ranges::sort(order_); }

    void clear() {
        for (const std::size_t place : order_)
            named_[place] = false;
        order_.clear();
    }

    bool empty() const { return order_.empty(); }
    std::size_t size() const { return order_.size(); }
    std::size_t operator[](std::size_t nth) const { return order_[nth]; }
    auto begin() const { return order_.begin(); }
    auto end() const { return order_.end(); }

  private:
    std::vector<bool> named_;
    std::vector<std::size_t> order_;
};

} // namespace vrrp
