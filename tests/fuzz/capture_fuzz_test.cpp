// No capture file can hurt a reader: it is read up to the damage, whatever that is.
#include "backends/interfaces/capture_file.hpp"
#include "core/wire/decode.hpp"
#include "tests/fuzz/frame_mutator.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

using namespace vrrp;
using namespace vrrp::fuzz;

namespace {

constexpr int kFiles = 20'000;

std::vector<std::vector<std::uint8_t>> capture_corpus() {
    std::vector<std::vector<std::uint8_t>> files;
    for (const char* name : {"z-two-interfaces.pcapng", "C-two-snaplens.pcapng", "base.pcap.gz", "sll.pcap",
                             "sll2.pcap", "snap40.pcap", "h-time-back.pcap"}) {
        std::ifstream in(std::string(CAPTURES) + "/incidents/" + name, std::ios::binary);
        files.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
        REQUIRE(files.back().size() > 100);
    }
    return files;
}

void damage(std::vector<std::uint8_t>& file, Dice& dice) {
    if (dice.one_in(4)) file.resize(dice.below(file.size()) + 1);
    const std::size_t changes = 1 + dice.below(4);
    for (std::size_t i = 0; i < changes; ++i) {
        // Sizes and counts stand near the front; what is small or huge there reaches the furthest.
        const std::size_t at =
            dice.below(dice.one_in(2) ? std::min<std::size_t>(file.size(), 120) : file.size());
        const std::uint8_t values[] = {0, 1, 4, 12, 0x7f, 0xff, static_cast<std::uint8_t>(dice.roll())};
        file[at] = values[dice.below(std::size(values))];
    }
}

} // namespace

TEST_CASE("a damaged capture is read to its damage, and every frame that it gives can be judged") {
    const auto corpus = capture_corpus();
    const std::string path =
        (std::filesystem::temp_directory_path() / ("vrrpfuzz" + std::to_string(::getpid()))).string();
    Dice dice(20261126);
    std::size_t frames = 0, refused = 0;
    for (int i = 0; i < kFiles; ++i) {
        std::vector<std::uint8_t> bytes = corpus[dice.below(corpus.size())];
        damage(bytes, dice);
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        auto file = backend::CaptureFile::open(path);
        if (!file) {
            ++refused;
            continue;
        }
        auto frame = file->next();
        for (; frame && *frame; frame = file->next()) {
            ++frames;
            REQUIRE((*frame)->wire_size >= (*frame)->bytes.size());
            (void)wire::decode((*frame)->bytes);
        }
        if (!frame) ++refused;
    }
    std::filesystem::remove(path);
    CHECK(frames > kFiles);
    CHECK(refused > kFiles / 10);
}
