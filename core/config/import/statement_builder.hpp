// Statements out of words and braces, for the grammars that have them.
#pragma once

#include "core/config/import/source.hpp"

namespace vrrp::config::importer {

class StatementBuilder {
  public:
    // A word of the statement that is being written.
    void word(const Place& place, std::string text);
    // The line ends, and with it the statement.
    void end();
    // Opens the block of the statement that is being written, or was written last.
    Parsed<void> open(const Place& place);
    Parsed<void> close(const Place& place);
    // All of them, when no block is open any more.
    Parsed<std::vector<Statement>> finish();

  private:
    struct Open {
        Statement statement; // whose block is being written
        Place brace;
    };
    std::vector<Statement>& block() { return open_.empty() ? all_ : open_.back().statement.block; }

    std::vector<Statement> all_;
    std::vector<Open> open_;
    std::optional<Statement> current_;
    std::size_t count_ = 0;
    std::optional<Place> full_; // where there were too many words
};

} // namespace vrrp::config::importer
