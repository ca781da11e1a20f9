#include "domain/plan.h"

#include "support/job.h"

#include <doctest/doctest.h>

namespace cjv::domain {

using namespace std::chrono_literals;
using support::a_job, support::at, support::JobBuilder;

namespace {

const Outage kNone{};
Outage down_until(Instant until) { return {.until = until, .reason = Reason::server_down}; }
std::int64_t passed(const Decision& decision) {
    std::int64_t count = 0;
    for (const SlotRange& range : decision.passed) count += range.count;
    return count;
}

}  // namespace

TEST_CASE("a slot that is due runs and the cursor moves to the next one") {
    const EntryPtr job = a_job().every("1 hour").next(at("02:00")).entry();

    const Decision decision = plan(*job, kNone, at("02:00"));

    CHECK(decision.runs == std::vector<PlannedRun>{{at("02:00"), Trigger::schedule}});
    CHECK(decision.passed.empty());
    CHECK(decision.cursor == at("02:00"));
    CHECK(decision.next == at("03:00"));
    CHECK(decision.version == job->job->version);
}

TEST_CASE("of the slots that an outage swallowed `latest` runs only the newest") {
    const EntryPtr job = a_job().every("1 hour").next(at("02:00")).misfire(Misfire::latest).entry();

    const Decision decision = plan(*job, down_until(at("05:30")), at("05:30"));

    CHECK(decision.runs == std::vector<PlannedRun>{{at("05:00"), Trigger::catch_up}});
    CHECK(decision.passed == std::vector<SlotRange>{{at("02:00"), at("04:00"), 3}});
    CHECK(decision.reason == Reason::server_down);
    CHECK(decision.next == at("06:00"));
}

TEST_CASE("under `none` the slots of an outage pass by") {
    const EntryPtr job = a_job().every("1 hour").next(at("02:00")).misfire(Misfire::none).entry();

    const Decision decision = plan(*job, down_until(at("05:30")), at("05:30"));

    CHECK(decision.runs.empty());
    CHECK(decision.passed == std::vector<SlotRange>{{at("02:00"), at("05:00"), 4}});
}

TEST_CASE("`all` runs the newest within its limit, oldest first") {
    const EntryPtr job = a_job().every("1 hour").next(at("02:00")).misfire(Misfire::all, 2).entry();

    const Decision decision = plan(*job, down_until(at("05:30")), at("05:30"));

    CHECK(decision.runs == std::vector<PlannedRun>{{at("04:00"), Trigger::catch_up},
                                                   {at("05:00"), Trigger::catch_up}});
    CHECK(decision.passed == std::vector<SlotRange>{{at("02:00"), at("03:00"), 2}});
}

TEST_CASE("however many slots give way to newer ones, none is lost") {
    const EntryPtr job =
        a_job().every("1 minute").next(at("02:00")).misfire(Misfire::all, 3).entry();

    const Decision decision = plan(*job, down_until(at("05:30")), at("05:30"));

    CHECK(decision.runs == std::vector<PlannedRun>{{at("05:27"), Trigger::catch_up},
                                                   {at("05:28"), Trigger::catch_up},
                                                   {at("05:29"), Trigger::catch_up},
                                                   {at("05:30"), Trigger::schedule}});
    CHECK(decision.passed == std::vector<SlotRange>{{at("02:00"), at("05:26"), 207}});
}

TEST_CASE("only slots younger than the window are caught up") {
    const EntryPtr job = a_job()
                             .every("1 hour")
                             .next(at("02:00"))
                             .misfire(Misfire::all, 100)
                             .misfire_window(2h)
                             .entry();

    const Decision decision = plan(*job, down_until(at("06:00")), at("06:00"));

    CHECK(decision.passed == std::vector<SlotRange>{{at("02:00"), at("04:00"), 3}});
    CHECK(decision.runs == std::vector<PlannedRun>{{at("05:00"), Trigger::catch_up},
                                                   {at("06:00"), Trigger::schedule}});
}

TEST_CASE("a slot that a slow turn serves late runs even under `none`") {
    const EntryPtr job = a_job().every("1 hour").next(at("02:00")).misfire(Misfire::none).entry();

    const Decision decision = plan(*job, down_until(at("01:30")), at("02:00") + 4s);

    CHECK(decision.runs == std::vector<PlannedRun>{{at("02:00"), Trigger::schedule}});
    CHECK(decision.passed.empty());
}

TEST_CASE("the slot at the very end of an outage was served") {
    const EntryPtr job = a_job().every("1 hour").next(at("02:00")).misfire(Misfire::none).entry();

    const Decision decision = plan(*job, down_until(at("02:00")), at("02:00"));

    CHECK(decision.runs == std::vector<PlannedRun>{{at("02:00"), Trigger::schedule}});
}

TEST_CASE("ranges of slots that pass by end with the UTC day") {
    const EntryPtr job = a_job().every("6 hours").next(at("12:00")).misfire(Misfire::none).entry();

    const Decision decision = plan(*job, down_until(at("07:00") + 48h), at("07:00") + 48h);

    CHECK(decision.passed == std::vector<SlotRange>{{at("12:00"), at("18:00"), 2},
                                                    {at("00:00") + 24h, at("18:00") + 24h, 4},
                                                    {at("00:00") + 48h, at("06:00") + 48h, 2}});
}

TEST_CASE("a year of seconds becomes a range a day and the runs that are caught up") {
    const EntryPtr job =
        a_job().every("1 second").next(at("00:00")).misfire(Misfire::all, 5).entry();
    const Instant now = at("00:00") + 365 * 24h;

    const Decision decision = plan(*job, down_until(now), now);

    CHECK(decision.passed.size() == 365);
    CHECK(passed(decision) == 365 * 86'400 - 5);
    CHECK(decision.runs.size() == 6);  // and the slot of this second
    CHECK(decision.runs.back() == PlannedRun{now, Trigger::schedule});
    CHECK(decision.next == now + 1s);
}

TEST_CASE("each due slot is decided exactly once") {
    for (const Misfire misfire : {Misfire::none, Misfire::latest, Misfire::all}) {
        const EntryPtr job =
            a_job().every("6 minutes").next(at("02:06")).misfire(misfire, 3).entry();

        const Decision decision = plan(*job, down_until(at("04:00")), at("05:00"));

        CHECK(passed(decision) + std::int64_t(decision.runs.size()) == 30);  // 02:06 … 05:00
        CHECK(decision.next == at("05:06"));
    }
}

TEST_CASE("other zone data move a slot: it is neither lost nor served again") {
    const auto daily = [](const char* text) {
        return schedule::Schedule::parse(text, {.type = schedule::Type::cron}).value();
    };
    const Instant decided = at("02:30"), before = decided + 24h;

    CHECK(slot_after_change(daily("30 2 * * *"), decided, before) == before);
    CHECK(slot_after_change(daily("30 1 * * *"), decided, before) == before - 1h);
    CHECK(slot_after_change(daily("30 3 * * *"), decided, before) == before + 1h);
    CHECK(slot_after_change(daily("30 23 * * *"), decided, before) == before - 3h);
    CHECK(slot_after_change(daily("0 * * * *"), decided, at("03:30")) == at("03:00"));
    CHECK(slot_after_change(daily("45 2 * * *"), decided, std::nullopt) == at("02:45"));
    CHECK_FALSE(slot_after_change(schedule::Schedule(), decided, before));
    // The moment of an edit is no slot.
    CHECK(slot_after_change(daily("0 4 * * *"), decided + 1us, before) == at("04:00"));
    CHECK(slot_after_change(daily("0 4 * * *"), decided, before) == at("04:00") + 24h);
}

TEST_CASE(
    "a point in time that has passed is run where the misfire policy still runs it, and once") {
    Job job = a_job().job();
    job.schedule_type = schedule::Type::clocked;
    job.schedule = schedule::Schedule::parse("at 2026-12-01T02:00Z", {}).value();
    job.misfire_window = 3'600;
    const Instant long_ago = at("02:00") - 24h;

    CHECK(first_slot(job, long_ago, at("01:00")) == at("02:00"));
    CHECK(first_slot(job, long_ago, at("02:30")) == at("02:00"));
    CHECK_FALSE(first_slot(job, at("02:00"), at("02:30")));  // it is decided
    CHECK_FALSE(first_slot(job, long_ago, at("03:00")));     // too old
    job.misfire = Misfire::none;
    CHECK_FALSE(first_slot(job, long_ago, at("02:30")));
    CHECK(first_slot(a_job().every("1 hour").job(), long_ago, at("02:30")) == at("03:00"));
}

TEST_CASE("the first slot is in the window, and the last one before its end") {
    const JobBuilder hourly = a_job().window(at("03:00"), at("05:00")).every("1 hour");

    CHECK(first_slot(hourly.job(), at("00:00"), at("01:30")) == at("03:00"));
    CHECK(first_slot(hourly.job(), at("00:00"), at("03:00")) == at("04:00"));
    CHECK_FALSE(first_slot(hourly.job(), at("00:00"), at("04:00")));
    CHECK_FALSE(plan(*JobBuilder(hourly).next(at("04:00")).entry(), kNone, at("04:00")).next);
}

TEST_CASE("slots of a window that ended during an outage are caught up as any others") {
    const EntryPtr job =
        a_job().window(at("00:00"), at("05:00")).every("1 hour").next(at("02:00")).entry();

    const Decision decision = plan(*job, down_until(at("08:30")), at("08:30"));

    CHECK(decision.runs == std::vector<PlannedRun>{{at("04:00"), Trigger::catch_up}});
    CHECK(decision.passed == std::vector<SlotRange>{{at("02:00"), at("03:00"), 2}});
    CHECK_FALSE(decision.next);
}

TEST_CASE("what passed before the start of a window was no slot, and nothing is caught up for it") {
    Job job = a_job().window(at("04:00"), at("20:00")).every("1 hour").job();
    CHECK(first_slot(job, at("00:00"), at("01:00")) == at("04:00"));

    job.schedule_type = schedule::Type::clocked;
    job.schedule =
        schedule::Schedule::parse("at 2026-12-01T02:00Z", {.window = job.window}).value();
    CHECK_FALSE(first_slot(job, at("00:00"), at("02:30")));
}

TEST_CASE("a long outage is decided in parts, which together say what one decision would") {
    for (const Misfire misfire : {Misfire::none, Misfire::latest, Misfire::all}) {
        const Instant now = at("05:30") + 48h;
        const EntryPtr job =
            a_job().every("1 minute").next(at("02:00")).misfire(misfire, 3).entry();
        const Decision whole = plan(*job, down_until(now), now);

        std::int64_t missed = 0, parts = 0;
        Entry entry = *job;
        Decision part;
        do {
            part = plan(entry, down_until(now), now, 1'000);
            CHECK(part.cursor == entry.next_slot);
            CHECK(slots_of(part) <= 1'003);
            missed += passed(part);
            entry.next_slot = part.next;
            ++parts;
            if (*part.next <= now) CHECK(part.runs.empty());
        } while (*part.next <= now);

        CHECK(parts == 4);
        CHECK(missed == passed(whole));
        CHECK(part.runs == whole.runs);
        CHECK(part.next == whole.next);
    }
}

TEST_CASE("an outage counts from the moment on, whether somebody has noticed it or not") {
    const Outage known = down_until(at("02:00"));
    CHECK(outage_at({}, at("03:00")).until == at("03:00"));
    CHECK(outage_at({}, at("03:00")).reason == Reason::server_down);
    CHECK(outage_at({known, at("03:00")}, at("03:00") + 5s).until == at("02:00"));
    CHECK(outage_at({known, at("03:00")}, at("03:00") + 6s).until == at("03:00") + 6s);
    CHECK(outage_at({known, at("03:00")}, at("03:00") + 6s).reason == Reason::stalled);
    CHECK(outage_at({known, at("03:00")}, at("01:00")).until == at("01:00"));  // set back
}

}  // namespace cjv::domain
