// The programs under test, where this build has put them. A source file that knew the path would be compiled anew
// in every build directory.
#pragma once

namespace vrrp {

extern const char* const kVrrpdBinary;
extern const char* const kAtroposBinary;
extern const char* const kVrrplabBinary;
extern const bool kHasVrrpExporter; // it is built where prometheus-cpp is installed, beside the others

} // namespace vrrp
