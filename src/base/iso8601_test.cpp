#include "base/iso8601.h"

#include <doctest/doctest.h>

namespace cjv {

using namespace std::chrono_literals;

TEST_CASE("an instant is written in UTC with as many fraction digits as it needs") {
    CHECK(to_iso8601(instant_from_micros(0)) == "1970-01-01T00:00:00Z");
    CHECK(to_iso8601(instant_from_micros(-1)) == "1969-12-31T23:59:59.999999Z");
    CHECK(to_iso8601(instant_from_micros(1'709'164'800'120'000)) == "2024-02-29T00:00:00.12Z");
}

TEST_CASE("an offset moves the wall clock and is written behind it") {
    const auto at = instant_from_micros(1'764'554'400'000'000);
    CHECK(to_iso8601(at, 1h) == "2025-12-01T03:00:00+01:00");
    CHECK(to_iso8601(at, -(3h + 30min)) == "2025-11-30T22:30:00-03:30");
    CHECK(to_iso8601(at, 0s) == "2025-12-01T02:00:00+00:00");
}

TEST_CASE("all the forms of one instant are read as the same") {
    const auto at = instant_from_micros(1'764'554'400'000'000);
    for (const auto text : {"2025-12-01T02:00:00Z", "2025-12-01 02:00:00", "2025-12-01t02:00z",
                            "2025-12-01T03:00:00+01:00", "2025-12-01T03:00:00.000+0100",
                            "2025-11-30T21:00:00-05", "2025-12-01T02:00:00.000000999Z"}) {
        CAPTURE(text);
        CHECK(parse_iso8601(text) == at);
    }
    CHECK(parse_iso8601("2025-12-01") == at - 2h);
    CHECK(parse_iso8601("2025-12-01T02:00:00.5Z") == at + 500ms);
}

TEST_CASE("what is no date or no time is not read") {
    for (const auto text : {"",
                            "2025",
                            "2025-12",
                            "2025-13-01",
                            "2025-02-29",
                            "2025-00-10",
                            "2025-12-01T",
                            "25-12-01",
                            "2025-12-01T24:00:00Z",
                            "2025-12-01T02:60",
                            "2025-12-01T02:00:60Z",
                            "2025-12-01T2:00Z",
                            "2025-12-01T02:00:00.Z",
                            "2025-12-01T02:00:00.1234567890Z",
                            "2025-12-01T02:00:00+1",
                            "2025-12-01T02:00:00+01:",
                            "2025-12-01T02:00:00+24:00",
                            "2025-12-01T02:00:00ZZ",
                            "2025-12-01T02:00:00 Z",
                            " 2025-12-01",
                            "2025-12-01Z",
                            "2025-12-01T+01:00"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_iso8601(text));
    }
}

TEST_CASE("what is written is read back, for any instant of four-digit years") {
    for (std::int64_t at = -62'000'000'000'000'000; at < 253'000'000'000'000'000;
         at += 3'141'592'653'589'793) {
        CAPTURE(at);
        CHECK(parse_iso8601(to_iso8601(instant_from_micros(at))) == instant_from_micros(at));
    }
}

}  // namespace cjv
