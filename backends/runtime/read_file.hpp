// Files that a configuration names.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace vrrp::backend {

// A small file whole, also one of the kernel's, which has no size. The error does not name the file.
tl::expected<std::string, std::string> read_whole(const std::string& path, bool secret = false);

// The same. The error is a sentence that names it. A secret is refused where others than its owner
// may read it: it would be none.
tl::expected<std::string, std::string> read_file(const std::string& path, bool secret);

} // namespace vrrp::backend
