// vrrp::SiblingBus: Unix sockets in the runtime directory.
#pragma once

#include "backends/control/local_listener.hpp"
#include "core/ports.hpp"

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <set>
#include <spdlog/logger.h>
#include <tuple>

namespace vrrp::backend {

// 1. Each process listens at DIRECTORY/PROCESS.bus and connects, when it starts, to all that are there: so
//    each pair is connected. Two that start at the same moment are connected twice, and each still hears of
//    the other once. A socket that nobody listens at is a dead process's.
// 2. A packet is a SiblingMessage (core/daemon/sibling_message.hpp). One that is not understood ends its
//    connection.
// 3. That a process has died is told by its sockets closing, at once.
// 4. Who does not read costs no more than the latest status of each virtual router of ours.
// 5. Root's alone, in both directions: the other side's credentials are checked.
class UnixSiblingBus final : public SiblingBus {
  public:
    // `process` is its pid file's name, whose lock makes it the only one. Gives to the inbox from the event
    // loop, or from deliver_waiting().
    static tl::expected<std::unique_ptr<UnixSiblingBus>, NicError>
    open(boost::asio::io_context& io, Inbox& inbox, const std::filesystem::path& directory,
         const std::string& process, std::shared_ptr<spdlog::logger> logger);
    ~UnixSiblingBus() override;
    UnixSiblingBus(const UnixSiblingBus&) = delete;
    UnixSiblingBus& operator=(const UnixSiblingBus&) = delete;

    // Its socket, where somebody has removed it. Who is connected stays so.
    NicResult put_back() { return others_->put_back(); }

    void deliver_waiting() override;
    void tell(VirtualRouterIndex from, const SiblingStatus& status) override;

  private:
    class Connection;
    // The process, and its virtual router.
    using Speaker = std::tuple<std::string, std::string, IpFamily, std::uint8_t>;
    struct Sibling {
        SiblingId id{};
        std::uint64_t latest = 0; // the number of its latest message
        std::set<const Connection*> connections;
    };

    UnixSiblingBus(boost::asio::io_context& io, Inbox& inbox, const std::filesystem::path& directory,
                   std::string process, std::shared_ptr<spdlog::logger> logger);
    void connect_to_others(const std::filesystem::path& directory);
    void connect_to(const std::filesystem::path& path);
    void admit(FileDescriptor socket);
    // False when it is not understood.
    bool heard(const Connection& connection, std::string_view packet);
    void drop(const std::shared_ptr<Connection>& connection);

    boost::asio::io_context& io_;
    Inbox& inbox_;
    std::filesystem::path path_;
    std::string process_;
    std::shared_ptr<spdlog::logger> logger_;
    std::shared_ptr<LocalListener> others_; // who connect to us
    std::vector<std::shared_ptr<Connection>> connections_;
    std::map<Speaker, Sibling> siblings_;
    std::uint32_t ids_given_ = 0;
    std::map<VirtualRouterIndex, std::string> latest_; // of ours, as it is sent
    std::uint64_t number_ = 0;
};

} // namespace vrrp::backend
