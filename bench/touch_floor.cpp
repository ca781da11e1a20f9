// What it costs to touch memory again after a second of sleep: a thousand pages, in an order that no prefetcher
// guesses, five times. Prints the middle one in microseconds a page, and the same for pages touched just before.
// A hundredth of a microsecond is what a processor needs; a system that watches which pages are in use, or a
// machine in a machine whose page tables are a copy, takes hundreds of times as long.
//
// usage: touch_floor

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

namespace {

constexpr std::size_t kPages = 1000, kPage = 4096,
                      kStep = 389;  // the step has no factor in common with the pages

double touch_all(std::vector<char>& memory) {
    const auto before = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < kPages; ++i) {
        volatile char& page = memory[i * kStep % kPages * kPage];
        page = char(page + 1);
    }
    const std::chrono::duration<double, std::micro> took =
        std::chrono::steady_clock::now() - before;
    return took.count() / kPages;
}

}  // namespace

int main() {
    std::vector<char> memory(kPages * kPage);
    std::array<double, 5> first{}, again{};
    for (std::size_t i = 0; i < first.size(); ++i) {
        sleep(1);
        first[i] = touch_all(memory);
        again[i] = touch_all(memory);
    }
    std::ranges::sort(first);
    std::ranges::sort(again);
    fmt::print("{:.3f} {:.3f}\n", first[2], again[2]);
}
