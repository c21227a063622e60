#include "backends/checks/process_watch.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

// The kernel's names of the events, which moved between its versions: these numbers are its interface.
constexpr std::uint32_t kNone = 0, kExec = 2, kComm = 0x200;

struct Process {
    std::string name;
    bool ended = false;
};

std::optional<pid_t> parse_pid(std::string_view text) {
    pid_t pid = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), pid);
    if (failed != std::errc{} || end != text.data() + text.size() || pid <= 0) return std::nullopt;
    return pid;
}

std::string read_start(const fs::path& file) {
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::array<char, 128> bytes{};
    const ssize_t size = descriptor ? ::read(descriptor.get(), bytes.data(), bytes.size()) : 0;
    return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

// "12 (name) S ...": a name may have any character in it.
std::optional<Process> process(pid_t pid) {
    const std::string stat = read_start(fmt::format("/proc/{}/stat", pid));
    const std::size_t begin = stat.find('('), end = stat.rfind(')');
    if (begin == stat.npos || end == stat.npos || end + 2 >= stat.size()) return std::nullopt;
    const char state = stat[end + 2];
    return Process{stat.substr(begin + 1, end - begin - 1), state == 'Z' || state == 'X'};
}

// Forks and ends are most of what a busy machine has to tell: they stay with the kernel.
bool let_beginnings_pass(int descriptor) {
    constexpr auto kWhat =
        static_cast<std::uint32_t>(NLMSG_LENGTH(sizeof(cn_msg)) + offsetof(proc_event, what));
    const auto is = [](std::uint32_t what, std::uint8_t skip) {
        return sock_filter(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(what), skip, 0)); // it loads big-endian
    };
    std::array<sock_filter, 6> program{sock_filter(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kWhat)),
                                       is(kNone, 3),
                                       is(kExec, 2),
                                       is(kComm, 1),
                                       sock_filter(BPF_STMT(BPF_RET | BPF_K, 0)),
                                       sock_filter(BPF_STMT(BPF_RET | BPF_K, 0xffffffff))};
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

bool ask_to_listen(int descriptor) {
    const std::uint32_t what = PROC_CN_MCAST_LISTEN;
    alignas(nlmsghdr) std::array<std::uint8_t, NLMSG_LENGTH(sizeof(cn_msg) + sizeof what)> request{};
    auto* header = reinterpret_cast<nlmsghdr*>(request.data());
    header->nlmsg_len = static_cast<std::uint32_t>(request.size());
    header->nlmsg_type = NLMSG_DONE;
    auto* message = static_cast<cn_msg*>(NLMSG_DATA(header));
    message->id = {CN_IDX_PROC, CN_VAL_PROC};
    message->len = sizeof what;
    std::memcpy(message->data, &what, sizeof what);
    return ::send(descriptor, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size());
}

// One of the kernel's messages. `what` is not set where there is none, and `lost` where some were too many.
struct KernelEvent {
    std::optional<std::uint32_t> what;
    pid_t pid = 0;
    bool lost = false;
};

KernelEvent read_event(int descriptor) {
    alignas(nlmsghdr) std::array<std::uint8_t, 1024> bytes;
    const ssize_t size = ::recv(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size < 0) return {.what = {}, .lost = errno == ENOBUFS};
    proc_event event{};
    constexpr std::size_t kBegin = NLMSG_LENGTH(sizeof(cn_msg));
    if (static_cast<std::size_t>(size) < kBegin + offsetof(proc_event, event_data)) return {.what = kNone};
    std::memcpy(&event, &bytes[kBegin], std::min(sizeof event, static_cast<std::size_t>(size) - kBegin));
    const auto what = static_cast<std::uint32_t>(event.what);
    return {.what = what,
            .pid = what == kExec ? event.event_data.exec.process_tgid : event.event_data.comm.process_tgid};
}

} // namespace

ProcessWatch::ProcessWatch(asio::io_context& io, ProcessCheck check, Tell tell)
    : io_(io), check_(std::move(check)), tell_(std::move(tell)), kernel_(io), end_(io), blind_(io) {
    if (!check_.pid_file.empty()) {
        pid_file_.emplace(io_, check_.pid_file, [this] { look(); });
        return;
    }
    if (hear_kernel()) wait_for_kernel();
    asio::post(io_, [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) look();
    });
}

// It has answered by the time that it has been asked.
bool ProcessWatch::hear_kernel() {
    FileDescriptor socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = CN_IDX_PROC;
    if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        !let_beginnings_pass(socket.get()) || !ask_to_listen(socket.get()) ||
        read_event(socket.get()).what != kNone)
        return false;
    kernel_.assign(socket.release());
    return true;
}

void ProcessWatch::wait_for_kernel() {
    kernel_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
                           if (error || alive.expired()) return;
                           wait_for_kernel();
                           take_events();
                       });
}

// Bounded: who starts programs without end must not keep us from everything else.
void ProcessWatch::take_events() {
    constexpr int kAtOnce = 64;
    bool concerns_us = false;
    for (int i = 0; i < kAtOnce; ++i) {
        const KernelEvent event = read_event(kernel_.native_handle());
        concerns_us = concerns_us || event.lost;
        if (!event.what && !event.lost) break;
        if (event.what && (pid_ != 0 ? event.pid == pid_ : is_it(event.pid))) concerns_us = true;
    }
    if (concerns_us) look();
}

// The last thing that a handler does: it may be our end.
void ProcessWatch::look() {
    boost::system::error_code ignored;
    end_.close(ignored);
    pid_ = 0;
    if (const auto pid = find()) hold(*pid);
    if (pid_ == 0 && !pid_file_ && !kernel_.is_open()) wait_blindly();
    const Tell tell = tell_;
    if (pid_ != 0) return tell(true, fmt::format("it runs as process {}", pid_));
    tell(false,
         pid_file_ ? "no process is the one of " + check_.pid_file : "no process is called " + check_.name);
}

// It may end meanwhile, and another get its number: then its pidfd says so at once.
void ProcessWatch::hold(pid_t pid) {
    FileDescriptor end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!end || !is_it(pid)) return;
    pid_ = pid;
    end_.assign(end.release());
    wait_for_end();
}

bool ProcessWatch::is_it(pid_t pid) const {
    const auto one = process(pid);
    return one && !one->ended && (pid_file_ || one->name == check_.name);
}

std::optional<pid_t> ProcessWatch::find() const {
    if (pid_file_) {
        const std::string text = read_start(check_.pid_file);
        return parse_pid(std::string_view(text).substr(0, text.find_first_of(" \t\r\n")));
    }
    std::error_code ignored;
    for (auto entry = fs::directory_iterator("/proc", ignored); entry != fs::directory_iterator();
         entry.increment(ignored)) {
        const auto pid = parse_pid(entry->path().filename().native());
        if (pid && is_it(*pid)) return pid;
    }
    return std::nullopt;
}

void ProcessWatch::wait_for_end() {
    end_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
                        if (!error && !alive.expired()) look();
                    });
}

void ProcessWatch::wait_blindly() {
    blind_.expires_after(kBlindly);
    blind_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
        if (!error && !alive.expired()) look();
    });
}

} // namespace vrrp::backend
