// Where a vrrpd keeps its pid file, control socket and what it must put back: /run/vrrpd, or -f.
#pragma once

#include "core/machine/virtual_router_config.hpp"
#include "core/ports.hpp"

#include <filesystem>
#include <sys/types.h>

namespace vrrp::backend {

// A descriptor that is closed with its holder.
class FileDescriptor {
  public:
    explicit FileDescriptor(int fd = -1) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~FileDescriptor();
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_;
};

// "vrrpd_eth0_51", for IPv6 "vrrpd_eth0_51_6": what the files of one virtual router's process are called.
std::string instance_name(const std::string& interface, std::uint8_t vrid, IpFamily family);
std::string instance_name(const VirtualRouterConfig& config);

// What a process leaves to its successor, as long as that has not read it.
std::filesystem::path handover_file(const std::filesystem::path& directory, const std::string& instance);

// Made with mode 0700 where it is missing; one that exists is taken as it is.
tl::expected<void, NicError> make_runtime_directory(const std::filesystem::path& directory);

// Written to a temporary file that takes the name when it is whole and has `mode`, whatever the umask.
tl::expected<void, NicError> write_whole(const std::filesystem::path& file, std::string_view text,
                                         mode_t mode = 0600);

// The pid file, locked while its process lives: a file that somebody left behind blocks nothing.
class PidFile {
  public:
    // Who cleans up after a dead process holds its file for that moment, so take() tries for so long.
    static constexpr Duration kPatience = std::chrono::milliseconds(500);

    // Refused with a sentence when another process holds it all that time.
    static tl::expected<PidFile, NicError> take(const std::filesystem::path& directory,
                                                const std::string& instance, Duration patience = kPatience);

    // That of a process which is dead, to clean up after it: as long as this is held, none of that name
    // starts. The files of its life are removed with it. Nothing when a process holds it.
    static std::optional<PidFile> take_from_dead(const std::filesystem::path& directory,
                                                 const std::string& instance);
    // What it says, whoever holds it; empty when it is not there.
    static std::string pid(const std::filesystem::path& directory, const std::string& instance);

    PidFile(PidFile&&) noexcept = default;
    PidFile& operator=(PidFile&&) noexcept = default;
    ~PidFile();

    // Writes it anew where somebody has removed it.
    tl::expected<void, NicError> put_back();

  private:
    PidFile(std::filesystem::path path, FileDescriptor lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}
    // Nothing while another process holds it.
    static tl::expected<std::optional<PidFile>, NicError> lock(const std::filesystem::path& path);
    tl::expected<void, NicError> write_pid() const;
    std::filesystem::path path_;
    FileDescriptor lock_;
};

} // namespace vrrp::backend
