#include "core/config/import/statement_builder.hpp"

#include <fmt/format.h>

namespace vrrp::config::importer {
namespace {

constexpr std::size_t kMostWords = 200'000; // sixteen interfaces full, and much else
constexpr std::size_t kDeepest = 32;

} // namespace

void StatementBuilder::word(const Place& place, std::string text) {
    if (++count_ > kMostWords) {
        if (!full_) full_ = place;
        return;
    }
    if (!current_) current_ = Statement{.place = place, .words = {}};
    current_->words.push_back(std::move(text));
}

void StatementBuilder::end() {
    if (current_) block().push_back(*std::move(current_));
    current_.reset();
}

Parsed<void> StatementBuilder::open(const Place& place) {
    if (open_.size() == kDeepest)
        return error_at(place, fmt::format("blocks stand at most {} deep", kDeepest));
    if (!current_) {
        auto& before = block();
        if (before.empty() || before.back().has_block)
            return error_at(place, "'{' without a name before it: what is this block of?");
        current_ = std::move(before.back());
        before.pop_back();
    }
    current_->has_block = true;
    open_.push_back({*std::move(current_), place});
    current_.reset();
    return {};
}

Parsed<void> StatementBuilder::close(const Place& place) {
    end();
    if (open_.empty()) return error_at(place, "'}' without a '{' before it");
    Statement done = std::move(open_.back().statement);
    open_.pop_back();
    block().push_back(std::move(done));
    return {};
}

Parsed<std::vector<Statement>> StatementBuilder::finish() {
    end();
    if (!open_.empty()) return error_at(open_.back().brace, "this '{' has no '}'");
    if (full_)
        return error_at(*full_, fmt::format("more than {} words: too large to be imported", kMostWords));
    return std::move(all_);
}

} // namespace vrrp::config::importer
