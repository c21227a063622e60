// A client of a Unix socket that does not keep the rules.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace vrrp::live {

class RudeClient {
  public:
    explicit RudeClient(const std::filesystem::path& path, int type = SOCK_STREAM)
        : fd_(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        REQUIRE(path.string().size() < sizeof to.sun_path);
        path.string().copy(to.sun_path, sizeof to.sun_path - 1);
        REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    }
    ~RudeClient() { ::close(fd_); }
    RudeClient(const RudeClient&) = delete;
    RudeClient& operator=(const RudeClient&) = delete;

    // As much as there is room for.
    void say(const std::string& text) const {
        (void)!::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    // What comes next; empty when nothing does.
    std::string hear() const {
        std::string text(4096, '\0');
        const ssize_t size = is_readable() ? ::recv(fd_, text.data(), text.size(), 0) : 0;
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return text;
    }
    // The other side closes, whatever it says before.
    bool hears_the_end() const {
        char text[4096];
        while (is_readable())
            if (::recv(fd_, text, sizeof text, 0) <= 0) return true;
        return false;
    }

  private:
    bool is_readable() const {
        constexpr int kPatience = 3000;
        pollfd readable{.fd = fd_, .events = POLLIN, .revents = 0};
        return ::poll(&readable, 1, kPatience) == 1;
    }

    int fd_;
};

} // namespace vrrp::live
