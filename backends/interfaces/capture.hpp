// The frames of one interface that virtual routers look at.
#pragma once

#include "core/ports.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <tins/sniffer.h>

namespace vrrp::backend {

// A packet capture with a kernel filter for what comes in (capture_filter.hpp), and the membership in VRRP's
// multicast groups that makes the network deliver it. One for all virtual routers of the interface. Frames
// are also sent through it.
//
// It is for the interface as it exists now, under whatever name: when that is deleted and made again, or was
// down, a new one is opened.
class Capture {
  public:
    using FrameHandler = std::function<void(BytesView)>;

    // `on_frame` is called from the event loop, or from drain().
    static tl::expected<std::unique_ptr<Capture>, NicError> open(boost::asio::io_context& io,
                                                                 const std::string& interface, int index,
                                                                 const std::string& filter,
                                                                 FrameHandler on_frame);
    ~Capture();
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    NicResult send(BytesView frame);

    // Hands over what is waiting, up to a bound.
    void drain();

  private:
    Capture(boost::asio::io_context& io, std::unique_ptr<Tins::Sniffer> sniffer, FrameHandler on_frame);
    void join_groups(int index);
    void wait();
    void dispatch(int at_most);

    std::unique_ptr<Tins::Sniffer> sniffer_;
    boost::asio::posix::stream_descriptor readable_;
    FrameHandler on_frame_;
    int group_v4_ = -1, group_v6_ = -1; // sockets that only hold the memberships
};

} // namespace vrrp::backend
