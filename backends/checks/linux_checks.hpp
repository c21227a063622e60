// vrrp::Checks, on a real machine.
#pragma once

#include "backends/checks/ping.hpp"
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
    LinuxChecks(boost::asio::io_context& io, Inbox& inbox);
    ~LinuxChecks() override;
    LinuxChecks(const LinuxChecks&) = delete;
    LinuxChecks& operator=(const LinuxChecks&) = delete;

    void start(TrackIndex track, const TrackConfig& config) override;
    void stop(TrackIndex track) override;

    // Asks the user database now, so that no check has to wait for it.
    tl::expected<void, std::string> learn_user(const std::string& name);

  private:
    void start(TrackIndex track, const ScriptCheck& check, const TrackConfig& config);
    void start(TrackIndex track, const TcpCheck& check, const TrackConfig& config);
    void start(TrackIndex track, const PingCheck& check, const TrackConfig& config);
    void start(TrackIndex track, const ProcessCheck& check, const TrackConfig& config);
    void start(TrackIndex track, const FileCheck& check, const TrackConfig& config);
    void start(TrackIndex track, const RouteCheck& check, const TrackConfig& config);
    void start(TrackIndex, const InterfaceCheck&, const TrackConfig&) {} // Router's own affair
    tl::expected<void, std::string> start_program(TrackIndex track, const ScriptCheck& check,
                                                  const TrackConfig& config);
    void tell_later(TrackIndex track, std::string failure);
    // Of a check that tells by itself: gives what is new.
    std::function<void(bool ok, const std::string& reason, int number)> news_of(TrackIndex track);

    boost::asio::io_context& io_;
    Inbox& inbox_;
    ScriptUsers users_;
    std::map<TrackIndex, std::shared_ptr<RunningScript>> running_;
    // Of each check that runs. Handlers that are on their way look whether theirs is still there.
    using Run = std::shared_ptr<char>;
    std::map<TrackIndex, Run> runs_;
    std::map<TrackIndex, std::shared_ptr<Ping>> pings_;
    EchoMark next_mark_;
    // Those that tell by themselves, whatever they are made of: one that is erased tells nothing more.
    std::map<TrackIndex, std::shared_ptr<void>> watches_;
};

} // namespace vrrp::backend
