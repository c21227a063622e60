// vrrplab's commands, one file each. How they are said on the command line stands in main.cpp alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vrrplab {

struct SimOptions {
    std::string file;
    std::uint64_t seed = 1;
    std::string json;
    std::string pcap; // a directory
    bool quiet = false;
};

struct TestOptions {
    std::vector<std::string> paths;
    std::uint64_t seed = 1;
    std::string junit;
    std::string json;
    bool quiet = false;
};

struct ReplayOptions {
    std::string capture;
    std::string json;
    bool quiet = false;
};

struct CheckOptions {
    std::vector<std::string> routers;   // NAME=FILE, NAME=COMMAND LINE
    std::vector<std::string> addresses; // NAME.INTERFACE=IP/LEN
    std::vector<std::string> networks;  // NAME.INTERFACE,NAME.INTERFACE
    std::string faults = "single";
    std::string max_outage; // empty: as the configurations promise
    std::string keep;       // a directory
    std::uint64_t seed = 1;
    std::string junit;
    std::string json;
    bool run_anyway = false;
    bool strict = false;
    bool quiet = false;
};

// Each returns the exit status: 0 all is well, 1 an expectation failed, 2 wrong usage or input.
int sim(const SimOptions& options);
int test(const TestOptions& options);
int check(const CheckOptions& options);
int replay(const ReplayOptions& options);
int verbs();

} // namespace vrrplab
