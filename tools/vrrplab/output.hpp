// Where results go.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace vrrplab {

// The file has all of `text` or stays as it was: written beside itself, then renamed. "-" is stdout; a device
// or a pipe is written as it comes. The error is a sentence.
tl::expected<void, std::string> write_whole(const std::string& path, const std::string& text);

bool stdout_is_terminal();

} // namespace vrrplab
