// vrrp::Checks: programs and TCP ports.
#pragma once

#include "backends/scripts/running_script.hpp"
#include "core/ports.hpp"

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>

namespace vrrp::backend {

// A check's program is looked at before each run and started as a script is (script_check.hpp, script_process.hpp); its
// environment is VRRP_CHECK, the check's name, and PATH; what it writes is thrown away. It has ended when its own process
// has; at the timeout its whole process group is killed, and so it is when the checks go. A TCP port is closed as soon as
// it has accepted: nothing is said to it.
class LinuxChecks final : public Checks {
  public:
    LinuxChecks(boost::asio::io_context& io, Inbox& inbox) : io_(io), inbox_(inbox) {}
    ~LinuxChecks() override;
    LinuxChecks(const LinuxChecks&) = delete;
    LinuxChecks& operator=(const LinuxChecks&) = delete;

    void start(TrackIndex track, const TrackConfig& config) override;
    void stop(TrackIndex track) override;

  private:
    void start(TrackIndex track, const ScriptCheck& check, const TrackConfig& config);
    void start(TrackIndex track, const TcpCheck& check, const TrackConfig& config);
    tl::expected<void, std::string> start_program(TrackIndex track, const ScriptCheck& check,
                                                  const TrackConfig& config);

    boost::asio::io_context& io_;
    Inbox& inbox_;
    std::map<TrackIndex, std::shared_ptr<RunningScript>> running_;
    // Of each check that runs. Handlers that are on their way look whether theirs is still there.
    using Run = std::shared_ptr<char>;
    std::map<TrackIndex, Run> runs_;
};

} // namespace vrrp::backend
