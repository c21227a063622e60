#include "tests/bench/cost/usage.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>

namespace vrrp::bench {
namespace {

Duration cpu_of(const std::string& process) {
    std::int64_t sum = 0;
    std::error_code gone;
    for (const auto& thread : std::filesystem::directory_iterator(process + "/task", gone)) {
        std::ifstream statistics(thread.path() / "schedstat");
        std::int64_t on_cpu = 0;
        if (statistics >> on_cpu) sum += on_cpu;
    }
    return Duration(sum);
}

} // namespace

Usage usage_of(const std::vector<int>& processes) {
    Usage usage;
    for (const int pid : processes) {
        const std::string process = fmt::format("/proc/{}", pid);
        std::ifstream memory(process + "/smaps_rollup");
        if (!memory) continue;
        ++usage.processes;
        usage.cpu += cpu_of(process);
        std::size_t kibibytes = 0;
        for (std::string word; memory >> word;) {
            if (word == "Rss:" && memory >> kibibytes) usage.rss_bytes += kibibytes * 1024;
            if (word == "Pss:" && memory >> kibibytes) usage.pss_bytes += kibibytes * 1024;
        }
    }
    return usage;
}

} // namespace vrrp::bench
