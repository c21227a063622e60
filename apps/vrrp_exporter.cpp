// vrrp_exporter: answers Prometheus over HTTP with what the vrrpds of this machine say at that moment. It keeps nothing,
// needs no privilege, and can change nothing: it only reads their control sockets.
#include "apps/health.hpp"
#include "apps/machine_state.hpp"
#include "backends/runtime/daemonize.hpp"
#include "backends/runtime/runtime_directory.hpp"
#include "core/config/exporter_command_line.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <mutex>
#include <netinet/in.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

namespace {

using namespace vrrp;

constexpr int kUsage = 2; // also: cannot listen

// So many ask at once, and each of them makes every vrrpd tell its state: no more than a vrrpd can serve beside root.
constexpr const char* kAskers = "2";
constexpr const char* kAskerPatience = "5000"; // ms: who asks and then says or reads nothing is left

void say(const std::string& sentence) {
    fmt::print(stderr, "vrrp_exporter: {}\n", sentence);
    std::fflush(stderr);
}

prometheus::MetricFamily family(const Measured& measured) {
    const bool counts = measured.metric.type == MetricType::counter;
    prometheus::MetricFamily family{.name = measured.metric.name,
                                    .help = measured.metric.help,
                                    .type = counts ? prometheus::MetricType::Counter
                                                   : prometheus::MetricType::Gauge,
                                    .metric = {}};
    for (const Sample& sample : measured.samples) {
        prometheus::ClientMetric& metric = family.metric.emplace_back();
        for (const auto& [name, value] : sample.labels)
            metric.label.push_back({name, value});
        (counts ? metric.counter.value : metric.gauge.value) = sample.value;
    }
    return family;
}

class Machine final : public prometheus::Collectable {
  public:
    explicit Machine(std::string directory) : directory_(std::move(directory)) {}

    std::vector<prometheus::MetricFamily> Collect() const override {
        MachineState machine = ask_machine(directory_, {.name = "state"});
        std::vector<std::string> faults = machine.failures;
        std::vector<Measured> all;
        try {
            all = measure(merged(std::move(machine.states)), machine.sockets);
        } catch (const std::exception& error) { // another version's words
            faults.push_back(fmt::format("a vrrpd's state is not understood: {}", error.what()));
            for (AskedSocket& one : machine.sockets)
                one.outcome = AskedSocket::silent;
            all = measure(merged({}), machine.sockets);
        }
        tell(std::move(faults));
        std::vector<prometheus::MetricFamily> families;
        for (const Measured& one : all)
            families.push_back(family(one));
        return families;
    }

  private:
    // Once, not at each question.
    void tell(std::vector<std::string> faults) const {
        const std::lock_guard lock(told_mutex_);
        if (faults == told_) return;
        told_ = std::move(faults);
        for (const std::string& fault : told_)
            say(fault);
        if (told_.empty()) say("every vrrpd answers again");
    }

    std::string directory_;
    mutable std::mutex told_mutex_;
    mutable std::vector<std::string> told_;
};

// Why nobody can listen there; empty when it can be done. The library behind prometheus-cpp keeps that for itself.
std::string why_not_listen(const config::ExporterCommand& command) {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_in);
    const auto bytes = command.address.bytes();
    if (command.address.family() == IpFamily::v4) {
        auto& to = reinterpret_cast<sockaddr_in&>(storage);
        to.sin_family = AF_INET;
        to.sin_port = htons(command.port);
        std::memcpy(&to.sin_addr, bytes.data(), bytes.size());
    } else {
        auto& to = reinterpret_cast<sockaddr_in6&>(storage);
        size = sizeof to;
        to.sin6_family = AF_INET6;
        to.sin6_port = htons(command.port);
        std::memcpy(&to.sin6_addr, bytes.data(), bytes.size());
    }
    const backend::FileDescriptor socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    const bool listens = socket &&
                         ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                         ::bind(socket.get(), reinterpret_cast<sockaddr*>(&storage), size) == 0 &&
                         ::listen(socket.get(), 1) == 0;
    return listens ? std::string() : std::strerror(errno);
}

sigset_t held_back_signals() {
    sigset_t ending;
    ::sigemptyset(&ending);
    ::sigaddset(&ending, SIGTERM);
    ::sigaddset(&ending, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &ending, nullptr); // in the threads to come too
    std::signal(SIGPIPE, SIG_IGN);
    return ending;
}

int serve(const config::ExporterCommand& command) {
    const std::string where = config::listen_text(command);
    const auto refuse = [&](const std::string& why) {
        say(fmt::format("cannot listen on {}: {}", where, why));
        return kUsage;
    };
    if (const std::string why = why_not_listen(command); !why.empty()) return refuse(why);
    const sigset_t ending = held_back_signals();
    try {
        prometheus::Exposer exposer(std::vector<std::string>{"listening_ports", where, "num_threads", kAskers,
                                                             "request_timeout_ms", kAskerPatience});
        const auto machine = std::make_shared<Machine>(command.directory);
        exposer.RegisterCollectable(machine);
        ::sd_notify(0, "READY=1");
        int number = 0;
        ::sigwait(&ending, &number);
        ::sd_notify(0, "STOPPING=1");
    } catch (const std::exception& error) {
        return refuse(error.what());
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    backend::occupy_standard_streams();
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const auto parsed = config::parse_exporter_command_line(arguments);
    if (!parsed) {
        say(parsed.error().message);
        return kUsage;
    }
    if (const auto* request = std::get_if<config::TextRequest>(&*parsed)) {
        fmt::print("{}", request->text);
        return 0;
    }
    return serve(std::get<config::ExporterCommand>(*parsed));
}
