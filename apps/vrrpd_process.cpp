#include "apps/vrrpd_process.hpp"

#include "backends/control/control_group.hpp"
#include "backends/runtime/succession.hpp"
#include "core/config/command_line.hpp"
#include "core/daemon/journal_json.hpp"
#include "core/daemon/json_line.hpp"

#include <csignal>
#include <cstdlib>
#include <fmt/format.h>
#include <malloc.h>
#include <set>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace vrrp {
namespace {

// Their default would end us without cleaning up, and they mean nothing here: a closed stderr, timers, power.
constexpr int kHarmless[] = {SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGHUP};

// For a process whose groups are its own.
class NoSiblings final : public SiblingBus {
  public:
    void deliver_waiting() override {}
    void tell(VirtualRouterIndex, const SiblingStatus&) override {}
};
NoSiblings no_siblings;

} // namespace

tl::expected<std::unique_ptr<VrrpdProcess>, NicError> VrrpdProcess::open(const config::Configuration& line,
                                                                         Invocation invocation) {
    std::unique_ptr<VrrpdProcess> process(new VrrpdProcess(line, std::move(invocation)));
    process->take_signals();
    const auto opened = process->take_places(line.router, backend::PidFile::kPatience)
                            .and_then([&] { return process->open_ports(); })
                            .and_then([&] { return process->let_read(line.process.control_group); });
    if (!opened) return tl::unexpected(opened.error());
    return process;
}

VrrpdProcess::VrrpdProcess(const config::Configuration& line, Invocation invocation)
    : router_(line.router), invocation_(std::move(invocation)), foreground_(line.process.foreground),
      directory_(line.process.directory), facts_{.pid = ::getpid(),
                                                 .version = config::kVersion,
                                                 .directory = directory_.string(),
                                                 .file = line.process.file},
      logger_(backend::make_logger(
          backend::log_target(foreground_, STDERR_FILENO, std::getenv("JOURNAL_STREAM")))),
      wants_realtime_(line.process.realtime),
      instance_(backend::instance_name(router_.virtual_routers.front())), daemon_(router_),
      scripts_(io_, daemon_, logger_), clock_(io_, daemon_) {}

VrrpdProcess::~VrrpdProcess() {
    std::error_code none_was_written;
    std::filesystem::remove(state_file(), none_was_written);
}

// Pid files first: they name who has the place in this directory.
tl::expected<void, NicError> VrrpdProcess::take_places(const RouterConfig& router, Duration patience) {
    if (const auto made = make_directory(); !made) return made;
    std::map<std::string, Place> taken;
    for (const VirtualRouterConfig& one : router.virtual_routers) {
        const std::string instance = backend::instance_name(one);
        if (places_taken_.contains(instance)) continue;
        auto pid_file = backend::PidFile::take(directory_, instance, patience);
        if (!pid_file) return tl::unexpected(pid_file.error());
        auto lock = backend::InstanceLock::take(one);
        if (!lock) return tl::unexpected(lock.error());
        taken.emplace(instance, Place{std::move(*pid_file), std::move(*lock)});
    }
    places_taken_.merge(taken);
    return {};
}

tl::expected<void, NicError> VrrpdProcess::make_directory() const {
    const auto made = backend::make_runtime_directory(directory_);
    return made && control_gid_ ? backend::let_look_into(directory_, *control_gid_) : made;
}

// Where it cannot be done, who may read stays as it was.
tl::expected<void, NicError> VrrpdProcess::let_read(const std::string& group) {
    std::optional<gid_t> gid;
    if (!group.empty()) {
        const auto found = backend::find_group(group);
        if (!found) return tl::unexpected(NicError{found.error()});
        if (const auto opened = backend::let_look_into(directory_, *found); !opened) return opened;
        gid = *found;
    }
    if (const auto set = control_->set_group(gid); !set) return set;
    control_group_ = group;
    control_gid_ = gid;
    return {};
}

void VrrpdProcess::watch_places() {
    if (!places_.arm())
        logger_->warn("{} cannot be watched: if somebody removes it, atropos will not find this process",
                      directory_.string());
}

// Somebody has removed something in the runtime directory, or the whole of it: that is no reason to be lost
// to our operator, our siblings and who comes after us.
void VrrpdProcess::put_back_places() {
    const bool was_there = std::filesystem::exists(directory_);
    if (const auto put_back = put_back_files(); !put_back)
        return logger_->error(
            "{}: somebody removed our files, and they cannot be put back: atropos may not find "
            "this process until it is started again",
            put_back.error().message);
    if (!was_there) logger_->warn("somebody removed {}: made again", directory_.string());
    watch_places();
}

tl::expected<void, NicError> VrrpdProcess::put_back_files() {
    if (const auto made = make_directory(); !made) return made;
    for (auto& [instance, place] : places_taken_)
        if (const auto put_back = place.pid_file.put_back(); !put_back) return put_back;
    if (const auto put_back = control_->put_back(); !put_back) return put_back;
    if (bus_)
        if (const auto put_back = bus_->put_back(); !put_back) return put_back;
    nic_->put_back_records();
    return {};
}

tl::expected<void, NicError> VrrpdProcess::open_ports() {
    auto nic = backend::LinuxNic::open(io_, daemon_, directory_, logger_);
    if (!nic) return tl::unexpected(nic.error());
    nic_ = std::move(*nic);
    if (std::ranges::any_of(router_.groups, &GroupConfig::shared)) {
        auto bus = backend::UnixSiblingBus::open(io_, daemon_, directory_, instance_, logger_);
        if (!bus) return tl::unexpected(bus.error());
        bus_ = std::move(*bus);
    }
    if (const auto opened = open_control(); !opened) return opened;
    auto fifo = learn_users(router_).and_then([&] { return open_fifo(router_); });
    if (!fifo) return tl::unexpected(fifo.error());
    fifo_ = std::move(*fifo);
    return {};
}

tl::expected<void, NicError> VrrpdProcess::open_control() {
    const ProcessActions actions{[this](bool dry_run) { return reload(dry_run); }, [this] { restart(); }};
    auto control = backend::ControlServer::open(
        io_, directory_ / (instance_ + ".sock"), [this, actions](const std::string& request, Caller caller) {
            facts_.realtime = realtime_.on();
            return answer_request(daemon_, daemon_, facts_, actions, request, caller);
        });
    if (!control) return tl::unexpected(control.error());
    control_ = std::move(*control);
    return {};
}

tl::expected<void, NicError> VrrpdProcess::learn_users(const RouterConfig& router) {
    std::set<std::string> names;
    for (const VirtualRouterConfig& one : router.virtual_routers)
        names.insert(one.script_user);
    for (const GroupConfig& group : router.groups)
        names.insert(group.script_user);
    for (const std::string& name : names)
        if (const auto learnt = scripts_.learn_user(name); !learnt)
            return tl::unexpected(NicError{learnt.error()});
    for (const TrackConfig& one : router.tracks)
        if (const auto* script = std::get_if<ScriptCheck>(&one.check))
            if (const auto learnt = checks_.learn_user(script->user); !learnt)
                return tl::unexpected(NicError{learnt.error()});
    return {};
}

// None where none is asked for.
tl::expected<std::unique_ptr<backend::NotifyFifo>, NicError>
VrrpdProcess::open_fifo(const RouterConfig& router) const {
    if (router.notify_fifo.empty()) return nullptr;
    std::optional<backend::ScriptUser> owner;
    if (!router.script_user.empty()) {
        auto user = backend::find_user(router.script_user);
        if (!user) return tl::unexpected(NicError{user.error()});
        owner = *std::move(user);
    }
    return backend::NotifyFifo::open(router.notify_fifo, std::move(owner));
}

int VrrpdProcess::run(backend::Readiness& readiness) {
    SiblingBus& siblings = bus_ ? static_cast<SiblingBus&>(*bus_) : no_siblings;
    if (const auto started =
            daemon_.start({clock_, *nic_, journal_, siblings, scripts_, checks_, fifo_.get()}, left_before());
        !started) {
        fmt::print(stderr, "vrrpd: {}\n", started.error().message);
        readiness.failed(kExitUsage);
        return kExitUsage;
    }
    facts_.started = clock_.now();
    watch_places();
    ::malloc_trim(0); // what reading the configuration took is not needed again
    if (wants_realtime_) begin_realtime();
    readiness.ready();
    std::uint64_t microseconds = 0;
    if (::sd_watchdog_enabled(0, &microseconds) > 0) {
        watchdog_interval_ = std::chrono::microseconds(microseconds) / 2;
        pat_watchdog();
    }
    int status = 0;
    try {
        io_.run();
    } catch (
        const std::exception& error) { // a bug, or no memory: but hosts must not stay with a dead gateway
        logger_->critical("giving up: {}", error.what());
        status = 1;
    }
    if (ending_ == Ending::as_successor) become_successor();
    ::sd_notify(0, "STOPPING=1");
    if (ending_ == Ending::for_successor) {
        leave_to_successor();
        logger_->flush();
        std::_Exit(0); // nothing of ours is to be taken down
    }
    daemon_.give(Stop{});
    io_.restart();
    scripts_.wait_until_idle();
    return status;
}

// Without it the protocol works all the same.
void VrrpdProcess::begin_realtime() {
    if (const NicResult begun = realtime_.begin(); !begun)
        logger_->warn("--realtime: {}: going on without", begun.error().message);
}

void VrrpdProcess::want_realtime(bool wanted) {
    if (std::exchange(wants_realtime_, wanted) == wanted) return;
    if (wanted)
        begin_realtime();
    else
        realtime_.end();
}

// --- Signals

void VrrpdProcess::take_signals() {
    for (const int number : kHarmless)
        std::signal(number, SIG_IGN);
    for (const int number : {SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU})
        signals_.add(number);
    if (foreground_ || !facts_.file.empty()) signals_.add(SIGHUP);
    signals_.async_wait([this](boost::system::error_code error, int number) {
        if (!error) on_signal(number);
    });
    backend::unblock_signals(); // the process that called us anew held them back for us
}

void VrrpdProcess::on_signal(int number) {
    signals_.async_wait([this](boost::system::error_code error, int next) {
        if (!error) on_signal(next);
    });
    switch (number) {
    case SIGUSR1: return write_state();
    case SIGUSR2: return command_all(Command::back_up);
    case SIGTTIN: return command_all(Command::reduce);
    case SIGTTOU: return command_all(Command::increase);
    case SIGHUP:
        if (facts_.file.empty()) return io_.stop(); // the terminal is gone
        (void)reload(false);                        // what came of it is in the log
        return;
    default:
        if (scripts_.idle() && backend::systemd_restarts_us()) ending_ = Ending::for_successor;
        io_.stop();
    }
}

void VrrpdProcess::command_all(Command command) {
    for (const VirtualRouter& one : daemon_.router().virtual_routers())
        daemon_.give(Commanding{one.index(), command}); // a refusal is in the journal
}

std::filesystem::path VrrpdProcess::state_file() const {
    return directory_ / fmt::format(".vrrpstate{}", facts_.pid);
}

void VrrpdProcess::write_state() {
    facts_.realtime = realtime_.on();
    const std::string state = json_line(status(daemon_.router(), daemon_.now(), facts_));
    const auto written = backend::write_whole(state_file(), state + "\n");
    if (!written) logger_->warn("{}", written.error().message);
}

// systemd's watchdog: as long as the event loop turns, we live.
void VrrpdProcess::pat_watchdog() {
    ::sd_notify(0, "WATCHDOG=1");
    watchdog_.expires_after(watchdog_interval_);
    watchdog_.async_wait([this](boost::system::error_code error) {
        if (!error) pat_watchdog();
    });
}

void VrrpdProcess::PublishedJournal::write(const JournalEntry& entry) {
    backend::LogJournal(process_.logger_).write(entry);
    if (process_.control_ && process_.control_->is_watched()) process_.control_->publish(to_json(entry));
}

} // namespace vrrp
