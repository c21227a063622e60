// vrrplab's commands, one file each. How they are said on the command line stands in main.cpp alone.
#pragma once

#include <cstdint>
#include <optional>
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

struct SweepOptions {
    std::vector<std::string> files;
    std::string seeds = "1..1000";
    std::string shard = "1/1";
    unsigned jobs = 0; // 0: one for each processor
    bool shuffle = false;
    std::string keep; // a directory
    bool shrink = false;
    std::string junit;
    std::string json;
    bool quiet = false;
};

struct ExploreOptions {
    std::string file;
    std::string losses = "0", crashes = "0", reorders = "0";
    std::string until; // empty: the scenario's end
    std::string limit; // of paths; empty: none
    std::string time;  // that it may take; empty: any
    unsigned jobs = 0; // 0: one for each processor
    std::string keep;  // a directory
    std::string json;
    bool quiet = false;
};

struct MergeOptions {
    std::vector<std::string> files;
    std::string junit;
    std::string json;
};

struct ShrinkOptions {
    std::string file;
    std::optional<std::uint64_t> seed; // of a sweep; none: the scenario as it is
    bool shuffle = false;
    std::string output = "-";
};

struct WhyOptions {
    std::string file;
    std::optional<std::uint64_t> seed; // of a sweep; none: the scenario as it is
    bool shuffle = false;
    unsigned futures = 200;
    unsigned jobs = 0; // 0: one for each processor
    std::string json;
};

struct DiffOptions {
    std::string a, b;
    std::string machine; // of one that names none
    std::string from;    // what the first decision says that is compared
    std::string within = "0ms";
};

// Each returns the exit status: 0 all is well, 1 an expectation failed, 2 wrong usage or input.
int sim(const SimOptions& options);
int test(const TestOptions& options);
int check(const CheckOptions& options);
int replay(const ReplayOptions& options);
int sweep(const SweepOptions& options);
int explore(const ExploreOptions& options);
int merge(const MergeOptions& options);
int shrink(const ShrinkOptions& options);
int why(const WhyOptions& options);
int diff(const DiffOptions& options);
int verbs();

} // namespace vrrplab
