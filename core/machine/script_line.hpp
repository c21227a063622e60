// A program that an operator names, and what it is told by that operator.
#pragma once

#include <string>
#include <tuple>
#include <vector>

namespace vrrp {

struct ScriptLine {
    std::string path;                   // absolute; empty: none
    std::vector<std::string> arguments; // before those that say what has happened

    ScriptLine(std::string path = {}, std::vector<std::string> arguments = {})
        : path(std::move(path)), arguments(std::move(arguments)) {}
    ScriptLine(const char* path) : path(path) {}

    bool empty() const { return path.empty(); }
    auto fields() const { return std::tie(path, arguments); }
    friend bool operator==(const ScriptLine&, const ScriptLine&) = default;
};

inline std::string to_string(const ScriptLine& line) {
    std::string text = line.path;
    for (const std::string& one : line.arguments)
        text += ' ' + one;
    return text;
}

} // namespace vrrp
