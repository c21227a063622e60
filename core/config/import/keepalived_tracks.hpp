// keepalived's scripts, files and processes, and who tracks them with what weight: each becomes a [[track]].
#pragma once

#include "core/config/import/draft.hpp"

#include <map>

namespace vrrp::config::importer {

class KeepalivedTracks {
  public:
    // vrrp_script, vrrp_track_file or track_file, vrrp_track_process.
    void declare(const Statement& statement);

    // track_interface, track_script, track_file or track_process of an instance or a group: puts the names of the
    // checks into its "track". `interface` is the instance's own; empty: a group's. A sync group's member may not
    // have checks with a weight: keepalived ignores them.
    void use(const Statement& list, Section& user, const std::string& interface, bool ignores_weights);

    // All that are used, and those of which something has to be said.
    std::vector<Section> sections() const;

    static bool is_declaration(const std::string& keyword);
    static bool is_use(const std::string& keyword);

  private:
    enum class Of : std::uint8_t { interface, script, file, process };
    struct Declared {
        Section section; // without name and weight
        long weight = 0;
        bool reverse = false;
        bool is_good = false; // keepalived ignores it otherwise, or it cannot be carried over
        bool is_used = false;
    };

    static void read_script(const Statement& statement, Declared& declared);
    static void read_file(const Statement& statement, Declared& declared);
    static void read_process(const Statement& statement, Declared& declared);
    static void read_weight(const Statement& statement, Declared& declared);
    void use_one(Of of, const Statement& line, Section& user, const std::string& interface,
                 bool ignores_weights);
    std::string name_of(Of of, const std::string& object, const Section& content);

    std::map<std::pair<Of, std::string>, Declared> declared_;
    std::vector<std::pair<Of, std::string>> order_; // as they stand in the file
    std::vector<Section> made_;
};

} // namespace vrrp::config::importer
