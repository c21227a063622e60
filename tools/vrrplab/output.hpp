// Where results go.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace vrrplab {

// The file has all of `text` or stays as it was: written beside itself, then renamed. "-" is stdout; a device
// or a pipe is written as it comes. The error is a sentence.
tl::expected<void, std::string> write_whole(const std::string& path, const std::string& text);

bool stdout_is_terminal();

// Says on stderr why nothing came of it. Returns 2, the exit status of wrong usage or input.
int complain(const std::string& why);

} // namespace vrrplab
