// As whom scripts run.
#pragma once

#include <map>
#include <string>
#include <sys/types.h>
#include <tl/expected.hpp>
#include <vector>

namespace vrrp::backend {

struct ScriptUser {
    std::string name, home, shell;
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups; // all of its groups
};

// Asks the machine's user database, which may take its time: at the start, not in the middle of a take-over.
tl::expected<ScriptUser, std::string> find_user(const std::string& name);
bool has_user(const std::string& name);

// Those that were asked for: what the user database said once counts as long as this lives.
class ScriptUsers {
  public:
    // Nobody in particular for an empty name. Asked for early, no script has to wait for it.
    tl::expected<const ScriptUser*, std::string> find(const std::string& name);

  private:
    std::map<std::string, ScriptUser> known_;
};

} // namespace vrrp::backend
