// The advertisement path allocates nothing once its buffers have grown.
#include "tests/unit/test_bed.hpp"

#include <cstdlib>
#include <new>

namespace {
std::size_t allocations = 0;
}

// The whole program's operator new, counted.
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

using namespace vrrp;
using namespace vrrp::test;

namespace {

template <typename Step>
std::size_t allocations_of(Step&& step) {
    const std::size_t before = allocations;
    step();
    return allocations - before;
}

} // namespace

TEST_CASE("the count of allocations counts") {
    CHECK(allocations_of([] { std::vector<int> v(100); }) >= 1);
}

TEST_CASE("decoding allocates nothing") {
    const auto frame = Peer{.address = ip("fe80::1"), .config = gateway_v6()}.frame(150);
    bool ok = false;
    CHECK(allocations_of([&] { ok = wire::decode(frame).has_value(); }) == 0);
    CHECK(ok);
}

TEST_CASE("a backup hears an advertisement without allocating") {
    TestBed bed(gateway());
    const auto frame = Peer{}.frame(150);
    bed.start().hear(frame);
    Effects effects;
    const std::size_t count = allocations_of([&] {
        for (int i = 0; i < 1000; ++i) {
            effects.clear();
            bed.router.handle(bed.now, FrameReceived{InterfaceId{}, frame}, effects);
        }
    });
    CHECK(count == 0);
}

TEST_CASE("a master sends its advertisement without allocating") {
    TestBed bed(gateway());
    bed.start().run_until(60s);
    REQUIRE(bed.state() == State::master);
    Effects effects;
    const auto advertise = [&] {
        effects.clear();
        bed.now = bed.router.next_deadline();
        bed.router.handle(bed.now, DeadlineReached{}, effects);
    };
    advertise(); // the buffers grow once
    CHECK(allocations_of([&] {
              for (int i = 0; i < 1000; ++i)
                  advertise();
          }) == 0);
    CHECK(effects.size() == 1);
}

TEST_CASE("dropping a bad frame allocates nothing") {
    TestBed bed(gateway());
    auto frame = Peer{}.frame(150);
    frame.back() ^= 1;
    bed.start();
    Effects effects;
    bed.router.handle(bed.now, FrameReceived{InterfaceId{}, frame}, effects);
    CHECK(allocations_of([&] {
              effects.clear();
              bed.router.handle(bed.now, FrameReceived{InterfaceId{}, frame}, effects);
          }) == 0);
}
