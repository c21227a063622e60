// The command line of vrrpd, as operators know it from Advanced Vrrpd:
// vrrpd -i ifname -v vrid [options] ipaddr[/len]... with the addresses anywhere; or vrrpd --config FILE.
#pragma once

#include "core/config/import/import.hpp"

#include <span>
#include <variant>

namespace vrrp::config {

// The user asked for a text: print it on stdout and exit 0.
struct TextRequest {
    std::string text;
};

// An order is --import FILE: write on stdout what becomes of it.
using CommandLineResult = Parsed<std::variant<Configuration, TextRequest, importer::Order>>;

// One of a command line that stands in a file or in an option.
struct CommandWord {
    std::string text;
    std::size_t at = 0; // its first character's place in the line
};

// Blanks part the words; what stands in quotes is one, without them. A quote that nothing ends is a character.
std::vector<CommandWord> words_of_command_line(std::string_view line);
std::vector<std::string> texts(const std::vector<CommandWord>& words);

// `arguments` without the program's name. Files that they name are read through `here`.
CommandLineResult parse_command_line(std::span<const std::string> arguments, const Here& here);

// The group of the processes that are started with -M.
inline constexpr const char* kMembersGroup = "M";

// Of the whole project; CMakeLists.txt has it.
extern const char* const kVersion;

} // namespace vrrp::config
