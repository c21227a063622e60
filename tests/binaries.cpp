#include "tests/binaries.hpp"

namespace vrrp {

const char* const kVrrpdBinary = VRRPD;
const char* const kAtroposBinary = ATROPOS;
const char* const kVrrplabBinary = VRRPLAB;
#ifdef HAS_VRRP_EXPORTER
const bool kHasVrrpExporter = true;
#else
const bool kHasVrrpExporter = false;
#endif

} // namespace vrrp
