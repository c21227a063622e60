#include "tests/binaries.hpp"

namespace vrrp {

const char* const kVrrpdBinary = VRRPD;
const char* const kAtroposBinary = ATROPOS;
const char* const kVrrplabBinary = VRRPLAB;

} // namespace vrrp
