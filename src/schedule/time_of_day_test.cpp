#include "schedule/time_of_day.h"

#include <doctest/doctest.h>

#include <set>

namespace cjv::schedule {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

std::uint64_t bits(const std::set<int>& values) {
    std::uint64_t set = 0;
    for (const int value : values) set |= std::uint64_t{1} << value;
    return set;
}

TimeOfDay times(const std::set<int>& s, const std::set<int>& m, const std::set<int>& h) {
    return {bits(s), bits(m), static_cast<std::uint32_t>(bits(h))};
}

}  // namespace

TEST_CASE("the next minute of the hour comes first, then the first minute of the next hour") {
    const auto of_day = times({0}, {0, 20, 40}, {9, 17});

    CHECK(of_day.first() == 9h);
    CHECK(of_day.at_or_after(9h + 20min) == 9h + 20min);
    CHECK(of_day.at_or_after(9h + 20min + 1s) == 9h + 40min);
    CHECK(of_day.at_or_after(9h + 41min) == 17h);
    CHECK_FALSE(of_day.at_or_after(17h + 40min + 1s));
}

TEST_CASE("each second of the day gets the answer that trying them all gives") {
    const std::set<int> s{0, 59}, m{0, 7, 59}, h{0, 11, 23};
    const auto of_day = times(s, m, h);

    std::optional<seconds> expected;  // we walk back from midnight
    unsigned count = 0;
    for (seconds t = 24h - 1s; t >= 0s; t -= 1s) {
        if (h.count(static_cast<int>(t / 1h)) && m.count(static_cast<int>(t % 1h / 1min)) &&
            s.count(static_cast<int>(t % 1min / 1s))) {
            expected = t;
            ++count;
        }
        if (of_day.at_or_after(t) != expected) FAIL("second ", t.count());
    }
    CHECK(of_day.count() == count);
}

}  // namespace cjv::schedule
