#include "domain/overlap.h"

#include <doctest/doctest.h>

namespace cjv::domain {

namespace {
Verdict at_slot(Overlap policy, int open, int waiting) {
    return decide_overlap(policy, Trigger::schedule, open, waiting, false);
}
}  // namespace

TEST_CASE("a run starts at once where no other is open, whatever the policy") {
    for (const Overlap policy : {Overlap::allow, Overlap::skip, Overlap::queue_one,
                                 Overlap::queue_all, Overlap::cancel_running})
        CHECK(at_slot(policy, 0, 0) == Verdict::start);
}

TEST_CASE("under `allow` runs do not mind one another") {
    CHECK(at_slot(Overlap::allow, 9, 0) == Verdict::start);
    CHECK(decide_overlap(Overlap::allow, Trigger::catch_up, 9, 0, false) == Verdict::start);
}

TEST_CASE("under `skip` a slot that meets an open run does not run") {
    CHECK(at_slot(Overlap::skip, 1, 0) == Verdict::skip);
}

TEST_CASE("under `queue_one` one run waits and the next finds the buffer full") {
    CHECK(at_slot(Overlap::queue_one, 1, 0) == Verdict::wait);
    CHECK(at_slot(Overlap::queue_one, 2, 1) == Verdict::buffer_full);
}

TEST_CASE("under `queue_all` a thousand wait") {
    CHECK(at_slot(Overlap::queue_all, 1'000, 999) == Verdict::wait);
    CHECK(at_slot(Overlap::queue_all, 1'001, 1'000) == Verdict::buffer_full);
}

TEST_CASE("caught-up runs follow one another even under `skip`") {
    CHECK(decide_overlap(Overlap::skip, Trigger::catch_up, 1, 0, false) == Verdict::wait);
    CHECK(decide_overlap(Overlap::queue_one, Trigger::catch_up, 5, 4, false) == Verdict::wait);
}

TEST_CASE("a person may run it all the same") {
    CHECK(decide_overlap(Overlap::skip, Trigger::manual, 1, 0, false) == Verdict::skip);
    CHECK(decide_overlap(Overlap::skip, Trigger::manual, 1, 0, true) == Verdict::start);
    CHECK(decide_overlap(Overlap::queue_one, Trigger::manual, 2, 1, true) == Verdict::start);
}

}  // namespace cjv::domain
