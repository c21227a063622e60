// What went over the wire.
#pragma once

#include "core/wire/announcement.hpp"
#include "core/wire/decode.hpp"
#include "tests/live/harness/namespace.hpp"

#include <filesystem>
#include <functional>
#include <pcap/pcap.h>
#include <vector>

namespace vrrp::live {

// Captures on an interface from the moment it is made, everything or what a filter of libpcap lets through;
// the frames are kept in a file too, for others to judge.
class WireTap {
  public:
    struct Seen {
        Duration time{};                   // since the epoch of the wall clock
        wire::Advertisement advertisement; // without its addresses: they are gone with the frame
    };

    struct SeenAnnouncement {
        Duration time{};
        wire::Announcement announcement;
    };

    WireTap(const Namespace& space, const std::string& interface, const std::filesystem::path& file,
            const std::string& filter = "");
    ~WireTap();
    WireTap(const WireTap&) = delete;
    WireTap& operator=(const WireTap&) = delete;

    // Everything until now.
    const std::vector<Seen>& advertisements();
    const std::vector<SeenAnnouncement>& announcements();
    // One advertisement of this source and priority, at least `count` times.
    bool saw(const IpAddress& source, std::uint8_t priority, std::size_t count = 1);
    bool announced(const IpAddress& address, const MacAddress& mac);

    // Any other frame that is like that.
    bool saw_other(const std::function<bool(BytesView)>& is_it);

    // Puts a frame on the wire.
    void inject(BytesView frame);
    // The file is whole afterwards, up to now.
    void flush();

  private:
    void take();
    static void on_frame(u_char* self, const pcap_pkthdr* header, const u_char* bytes);

    pcap_t* capture_ = nullptr;
    pcap_dumper_t* file_ = nullptr;
    std::vector<Seen> advertisements_;
    std::vector<SeenAnnouncement> announcements_;
    std::vector<std::vector<std::uint8_t>> others_;
};

} // namespace vrrp::live
