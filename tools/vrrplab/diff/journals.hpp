// Two journals: the first decision that differs.
#pragma once

#include "core/net/time.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace vrrplab {

// A line of a journal: of vrrplab sim --json, or of atropos --watch --json, whose lines name no machine.
struct JournalLine {
    vrrp::Duration time{}; // since the journal's first decision
    std::string machine;
    std::string text;
    nlohmann::ordered_json said; // the whole of it
    bool is_decision = false;
    std::string place() const; // whose decision: machine, interface, virtual router
};

struct Journal {
    std::vector<JournalLine> lines; // in the order of time
    bool names_machines() const;
    void keep_only(const std::string& machine); // and take its name away
    // Leaves out what is before the first decision that says so; times count from that. False where there is none.
    bool begin_with(std::string_view text);
};

// The error has the line's number before it: "3: ...".
tl::expected<Journal, std::string> read_journal(std::string_view text);

struct Difference {
    std::string place;
    std::size_t alike = 0; // decisions of that place before it
    // One may be missing: that journal ends, or nothing more is decided there.
    const JournalLine* a = nullptr;
    const JournalLine* b = nullptr;
    vrrp::Duration time() const;
};

// The earliest one; nothing where they are alike. Decisions of one place are compared in their order, each with all that
// it says. Times, and durations within decisions, may differ by `tolerance`.
std::optional<Difference> first_difference(const Journal& a, const Journal& b, vrrp::Duration tolerance);

} // namespace vrrplab
