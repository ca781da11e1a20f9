#include "domain/run_id.h"

#include "base/iso8601.h"

#include <doctest/doctest.h>

namespace cjv::domain {

namespace {
const InstallationKey kKey = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
const Instant kSlot = *parse_iso8601("2026-12-01T02:00:00Z");
}  // namespace

TEST_CASE("what went into a slot's id comes out of it") {
    const RunId id = slot_run_id(kKey, JobNumber{4'294'967'295}, kSlot);

    const auto parts = decode(id);
    REQUIRE(parts);
    CHECK(parts->at == kSlot);
    CHECK(parts->kind == IdKind::slot);
    CHECK(parts->attempt == 1);
    CHECK(parts->job == JobNumber{4'294'967'295});
}

TEST_CASE("the id of a slot is a UUID of version 8") {
    const std::string text = to_text(slot_run_id(kKey, JobNumber{5}, kSlot));
    CHECK(text.substr(0, 28) == "01a22f54-8d00-8000-8000-0001");  // 0x01a22f548d00 milliseconds
    CHECK(text.size() == 36);
}

TEST_CASE("the same slot has the same id, and another installation gives it another") {
    InstallationKey other = kKey;
    other[15] = 0;

    CHECK(slot_run_id(kKey, JobNumber{5}, kSlot) == slot_run_id(kKey, JobNumber{5}, kSlot));
    CHECK(slot_run_id(kKey, JobNumber{5}, kSlot) != slot_run_id(other, JobNumber{5}, kSlot));
}

TEST_CASE("a slot's id is genuine until any bit but its attempt's is changed") {
    const RunId id = slot_run_id(kKey, JobNumber{5}, kSlot);
    CHECK(is_genuine_slot(kKey, id));
    CHECK(is_genuine_slot(kKey, with_attempt(id, 7)));

    for (std::size_t bit = 0; bit < 128; ++bit) {
        if (bit / 8 == 7) continue;  // the attempt
        Uuid forged = id;
        forged.bytes[bit / 8] ^= std::uint8_t(1U << bit % 8);
        CAPTURE(bit);
        CHECK_FALSE(is_genuine_slot(kKey, forged));
    }
}

TEST_CASE("an attempt's id differs from its run's in the attempt alone") {
    const RunId run = slot_run_id(kKey, JobNumber{5}, kSlot);
    const RunId last = with_attempt(run, 256);

    CHECK(decode(last)->attempt == 256);
    CHECK(with_attempt(last, 1) == run);
}

TEST_CASE("runs that were asked for in one millisecond are told apart by the counter") {
    const RunId first = asked_run_id(JobNumber{5}, kSlot + std::chrono::microseconds{1'999}, 1);
    const RunId second = asked_run_id(JobNumber{5}, kSlot + std::chrono::microseconds{1'000}, 2);

    CHECK(first < second);
    CHECK(decode(first)->kind == IdKind::asked);
    CHECK(decode(first)->at == kSlot + std::chrono::milliseconds{1});
    CHECK(decode(second)->low == 2);
    CHECK_FALSE(is_genuine_slot(kKey, first));
}

TEST_CASE("ids sort by time first") {
    using namespace std::chrono_literals;
    const RunId early = asked_run_id(JobNumber{900'000}, kSlot, 99);
    const RunId late = slot_run_id(kKey, JobNumber{1}, kSlot + 1s);

    CHECK(early < late);
    CHECK(lowest_id_at(kSlot) < early);
    CHECK(early < lowest_id_at(kSlot + 1ms));
    CHECK(lowest_id_at(kSlot + 1s) < late);
    CHECK(lowest_id_at(Instant{-5s}) < early);
}

TEST_CASE("a UUID that is not of our layout names no run") {
    CHECK_FALSE(decode(*parse_uuid("0191e0c4-8a70-4001-8000-000500000000")));  // version 4
    CHECK_FALSE(decode(*parse_uuid("0191e0c4-8a70-8001-c000-000500000000")));  // variant
    CHECK_FALSE(decode(*parse_uuid("0191e0c4-8a70-8301-8000-000500000000")));  // kind 3
}

}  // namespace cjv::domain
