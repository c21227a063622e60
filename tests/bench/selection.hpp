// A part of a benchmark, on its command line: everything when nothing is named.
#pragma once

#include "tests/bench/implementations/implementation.hpp"

#include <algorithm>
#include <CLI/CLI.hpp>

namespace vrrp::bench {

class Selection {
  public:
    void add_to(CLI::App& app) {
        std::vector<std::string> names, dialects;
        for (const Implementation& implementation : bench::implementations())
            names.emplace_back(implementation.name);
        for (const Dialect& dialect : kDialects)
            dialects.emplace_back(dialect.name);
        app.add_option("--implementation", implementations_, "only these")->check(CLI::IsMember(names));
        app.add_option("--dialect", dialects_, "only these")->check(CLI::IsMember(dialects));
    }
    void add_happenings_to(CLI::App& app, const std::vector<std::string>& names) {
        app.add_option("--happening", happenings_, "only these")->check(CLI::IsMember(names));
    }

    bool wants_happening(const std::string& name) const { return wants(happenings_, name); }
    bool wants_dialect(const std::string& name) const { return wants(dialects_, name); }
    std::vector<Implementation> implementations() const {
        std::vector<Implementation> all = bench::implementations();
        std::erase_if(all, [&](const Implementation& i) { return !wants(implementations_, i.name); });
        return all;
    }

  private:
    static bool wants(const std::vector<std::string>& named, const std::string& name) {
        return named.empty() || std::ranges::find(named, name) != named.end();
    }

    std::vector<std::string> implementations_, dialects_, happenings_;
};

} // namespace vrrp::bench
