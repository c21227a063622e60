#include "backends/interfaces/link_frame.hpp"

#include "core/wire/headers/ethernet.hpp"

#include <array>

namespace vrrp::backend {
namespace {

constexpr int kNull = 0, kRawOfBsd = 12, kRawOfOpenBsd = 14, kRaw = 101, kLoop = 108, kCooked = 113,
              kIpv4 = 228, kIpv6 = 229, kCooked2 = 276;

// Behind the link's header: what it carries, from whom, and where that begins.
struct Carried {
    std::uint16_t ether_type = 0;
    MacAddress source;
    std::size_t at = 0;
};

// The version field of an IP packet says what it is.
std::optional<Carried> raw(BytesView record, std::size_t at) {
    if (record.size() <= at) return std::nullopt;
    const unsigned version = record[at] >> 4;
    if (version != 4 && version != 6) return std::nullopt;
    return Carried{version == 4 ? wire::kEtherTypeIpv4 : wire::kEtherTypeIpv6, {}, at};
}

// tcpdump -i any, and its later form.
std::optional<Carried> cooked(BytesView record, std::size_t size, std::size_t protocol, std::size_t source) {
    if (record.size() < size) return std::nullopt;
    return Carried{load_be16(&record[protocol]), MacAddress::from_bytes(&record[source]), size};
}

std::optional<Carried> carried(int link_type, BytesView record) {
    switch (link_type) {
    case kNull:
    case kLoop: return raw(record, 4); // four bytes of a family that systems number differently
    case kRaw:
    case kRawOfBsd:
    case kRawOfOpenBsd:
    case kIpv4:
    case kIpv6: return raw(record, 0);
    case kCooked: return cooked(record, 16, 14, 6);
    case kCooked2: return cooked(record, 20, 0, 12);
    default: return std::nullopt;
    }
}

} // namespace

bool is_known_link(int link_type) {
    constexpr std::array kKnown = {kNull, kLinkEthernet, kRawOfBsd, kRawOfOpenBsd, kRaw,
                                   kLoop, kCooked,       kIpv4,     kIpv6,         kCooked2};
    return std::ranges::find(kKnown, link_type) != kKnown.end();
}

std::optional<BytesView> as_ethernet(int link_type, BytesView record, std::vector<std::uint8_t>& room) {
    if (link_type == kLinkEthernet) return record;
    const std::optional<Carried> found = carried(link_type, record);
    if (!found) return std::nullopt;
    const BytesView packet = record.subspan(found->at);
    room.resize(wire::EthernetView::kSize + packet.size());
    wire::EthernetView::write(room.data(), {}, found->source, found->ether_type);
    store_bytes(room.data() + wire::EthernetView::kSize, packet);
    return BytesView(room);
}

} // namespace vrrp::backend
