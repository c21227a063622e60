// The Internet checksum (RFC 1071).
#pragma once

#include "core/net/bytes.hpp"

namespace vrrp {

// A one's complement sum under way. Sums of pieces may be added in any order as long as each piece but the
// last has an even length. It adds native 32-bit words: the sum is the same in every byte order up to the
// swap that value() undoes.
class InternetChecksum {
  public:
    InternetChecksum& add(BytesView bytes) {
        const std::uint8_t* at = bytes.data();
        std::size_t left = bytes.size();
        for (; left >= 4; at += 4, left -= 4) {
            std::uint32_t word;
            std::memcpy(&word, at, 4);
            sum_ += word;
        }
        if (left != 0) {
            std::uint32_t word = 0;
            std::memcpy(&word, at, left);
            sum_ += word;
        }
        return *this;
    }

    // Adds a 16-bit number as it would stand in the packet.
    InternetChecksum& add16(std::uint16_t value) {
        std::uint8_t bytes[2];
        store_be16(bytes, value);
        return add(bytes);
    }

    // The checksum to store, as a host number: the complement of the folded sum. Over data that already holds
    // a right checksum it is 0.
    std::uint16_t value() const {
        std::uint64_t folded = (sum_ & 0xffffffff) + (sum_ >> 32);
        folded = (folded & 0xffffffff) + (folded >> 32);
        folded = (folded & 0xffff) + (folded >> 16);
        folded = (folded & 0xffff) + (folded >> 16);
        const auto native = static_cast<std::uint16_t>(~folded);
        std::uint8_t bytes[2];
        std::memcpy(bytes, &native, 2);
        return load_be16(bytes);
    }

  private:
    std::uint64_t sum_ = 0;
};

} // namespace vrrp
