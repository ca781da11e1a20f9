#include "app/zone_watch.h"

#include "beat/beat.h"
#include "support/store.h"
#include "support/zones.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

namespace cjv::app {

using namespace std::chrono_literals;
using domain::Misfire, domain::Overlap, domain::Reason, domain::Status, domain::Trouble;
using support::a_job, support::at, support::must;

namespace {

// Zone files that a test exchanges, and a server over them.
using Files = std::map<std::string, std::string, std::less<>>;

struct World : support::StoreWorld {
    // "Some/Where" has the data of Berlin: UTC+1 in December.
    explicit World(const std::shared_ptr<Files>& files = std::make_shared<Files>())
        : StoreWorld(at("01:00") + 1ms, support::memory_path(),
                     [files](std::string_view name) -> std::optional<std::string> {
                         const auto found = files->find(name);
                         if (found == files->end()) return std::nullopt;
                         return found->second;
                     }),
          files(files),
          keeper(reader()) {
        becomes("Europe/Berlin");
        begin();
    }

    void begin() {
        beat.reset();
        open();
        beat = std::make_unique<beat::Beat>(*store, clock, log, mark);
        store->feed().subscribe([this](const store::Commit& commit) { beat->on_commit(commit); });
        watch = std::make_unique<ZoneWatch>(zones, *store, log);
    }
    void becomes(std::string_view zone) {
        (*files)["Some/Where"] = support::zone_file(zone).value();
    }
    void goes() { files->erase("Some/Where"); }

    domain::EntryPtr create_job(const std::string& text, Misfire misfire = Misfire::latest) {
        domain::Job job = a_job().misfire(misfire).job();
        job.schedule_text = text;
        job.schedule_type = schedule::Type::cron;
        job.timezone = "Some/Where";
        return must(store->create_job(job, {}));
    }
    bool turn_at(Instant to) {
        clock.pass(to - clock.now());
        watch->turn();
        return beat->turn().has_value();
    }
    bool has_logged(std::string_view event) const {
        return std::ranges::any_of(log_lines,
                                   [&](const auto& line) { return line.contains(event); });
    }
    // The slots that have a run, oldest first.
    std::vector<Instant> runs(const domain::EntryPtr& job) {
        std::vector<Instant> slots;
        for (const auto& run : must(store->newest_runs(job->number, 100))) slots.push_back(run.at);
        std::ranges::reverse(slots);
        return slots;
    }

    std::shared_ptr<Files> files;
    store::Database keeper;  // a database in memory ends with its last connection
    Mark mark{"beat", 5s, clock.steady()};
    std::unique_ptr<beat::Beat> beat;
    std::unique_ptr<ZoneWatch> watch;
};

using Slots = std::vector<Instant>;

}  // namespace

TEST_CASE("other zone data move the next slot at once, and the log says from where to where") {
    World world;
    const auto job = world.create_job("0 9 * * *");
    CHECK(world.entry(job)->next_slot == at("08:00"));

    world.becomes("Asia/Kolkata");
    CHECK(world.turn_at(at("01:10")));

    CHECK(world.entry(job)->next_slot == at("03:30"));
    CHECK(world.entry(job)->job->version == 1);
    CHECK(world.has_logged("zones.changed"));
    CHECK(world.has_logged(R"("before":"2026-12-01T08:00:00Z","after":"2026-12-01T03:30:00Z")"));
    CHECK(world.turn_at(at("03:30")));
    CHECK(world.turn_at(at("08:00")));
    CHECK(world.runs(job) == Slots{at("03:30")});
    CHECK(world.reloaded()->board().find(job->number)->next_slot == at("03:30") + 24h);
}

TEST_CASE("data that are read again and have not changed change nothing") {
    World world;
    const auto job = world.create_job("0 9 * * *");
    world.changes.clear();

    for (const auto* time : {"01:10", "01:20", "01:30"}) CHECK(world.turn_at(at(time)));

    CHECK(std::ranges::none_of(
        world.changes, [&](const store::Change& change) { return change.job == job->number; }));
    CHECK(world.entry(job)->job == job->job);
}

TEST_CASE("what is due when the data change runs by the old ones") {
    World world;
    const auto job = world.create_job("0 9 * * *");
    CHECK(world.turn_at(at("07:59") + 59s));

    world.becomes("Europe/London");
    CHECK(world.turn_at(at("08:00")));

    CHECK(world.runs(job) == Slots{at("08:00")});
    // 09:00 in London is an hour later; the day has had its run.
    CHECK(world.entry(job)->next_slot == at("09:00") + 24h);
}

TEST_CASE("a slot that the new data moved into the past is run late, not lost") {
    World world;
    const auto job = world.create_job("0 9 * * *");
    CHECK(world.turn_at(at("08:00")));
    CHECK(world.turn_at(at("05:00") + 24h));

    world.becomes("Asia/Kolkata");  // 03:30
    CHECK(world.turn_at(at("05:10") + 24h));

    CHECK(world.runs(job) == Slots{at("08:00"), at("03:30") + 24h});
    CHECK(world.entry(job)->next_slot == at("03:30") + 48h);
}

TEST_CASE("a job whose zone is gone has no slots and says why, and goes on when it is back") {
    World world;
    const auto job = world.create_job("0 * * * *");
    const auto other = world.create(a_job().name("other").every("1 hour").overlap(Overlap::allow));
    CHECK(world.turn_at(at("02:00")));

    world.goes();
    CHECK(world.turn_at(at("02:30")));
    CHECK(world.entry(job)->trouble == Trouble::zone_missing);
    CHECK_FALSE(world.entry(job)->next_slot);
    CHECK(world.store->board().counts().in_trouble == 1);
    CHECK(world.has_logged("store.zone_missing"));
    for (const auto* time : {"03:00", "04:00", "05:00"}) CHECK(world.turn_at(at(time)));
    CHECK(world.runs(job) == Slots{at("02:00")});
    CHECK(world.runs(other).size() == 4);

    world.becomes("Europe/Berlin");
    CHECK(world.turn_at(at("05:30")));
    CHECK(world.entry(job)->trouble == Trouble::none);
    CHECK(world.entry(job)->next_slot == at("06:00"));
    CHECK(world.runs(job) == Slots{at("02:00"), at("05:00")});
    CHECK(must(world.store->find_run(world.run_of(job, at("05:00")).id))->trigger ==
          domain::Trigger::catch_up);
    const auto lines = must(world.store->logs({.job = job->number, .statuses = {Status::missed}},
                                              store::LogOrder::oldest, 0, 10))
                           .lines;
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].skip->count == 2);  // 03:00 and 04:00
    CHECK(lines[0].skip->reason == Reason::stalled);
}

TEST_CASE("an edit does not bring back a job whose zone is gone") {
    World world;
    const auto job = world.create_job("0 * * * *");
    world.goes();
    CHECK(world.turn_at(at("01:10")));

    for (const bool is_active : {false, true}) {
        domain::Job edited = *world.entry(job)->job;
        edited.is_active = is_active;
        must(world.store->update_job(job->number, 0, edited, {}));
        CHECK(world.entry(job)->trouble == Trouble::zone_missing);
        CHECK_FALSE(world.entry(job)->next_slot);
    }
    world.becomes("Europe/Berlin");
    CHECK(world.turn_at(at("01:20")));
    CHECK(world.entry(job)->next_slot == at("02:00"));
}

TEST_CASE("a start finds other zone data than the one before, and a zone that is gone") {
    World world;
    const auto job = world.create_job("0 9 * * *");
    CHECK(world.turn_at(at("08:00")));
    CHECK(world.entry(job)->next_slot == at("08:00") + 24h);

    world.becomes("Europe/London");  // today's slot would be at 09:00
    world.zones.refresh();
    world.begin();
    CHECK(world.entry(job)->next_slot == at("09:00") + 24h);
    CHECK(world.has_logged("store.slot_moved"));
    CHECK(world.turn_at(at("09:30")));
    CHECK(world.runs(job) == Slots{at("08:00")});

    world.goes();
    world.zones.refresh();
    world.begin();
    CHECK(world.entry(job)->trouble == Trouble::zone_missing);
    CHECK(world.turn_at(at("10:00")));
    world.becomes("Europe/London");
    CHECK(world.turn_at(at("11:00")));
    CHECK(world.entry(job)->next_slot == at("09:00") + 24h);
}

TEST_CASE(
    "what the database refuses of one job is followed with a later turn, and spares the others") {
    World world;
    const auto bad = world.create_job("0 9 * * *");
    const auto good = world.create(a_job().name("good").every("1 hour").overlap(Overlap::allow));
    CHECK(world.turn_at(at("07:59") + 59s));
    world.poison(bad);

    world.becomes("Asia/Kolkata");
    CHECK(world.turn_at(at("08:00")));  // the slot that is due by the old data is refused
    CHECK(world.has_logged("zones.not_followed"));
    CHECK(world.runs(good).back() == at("08:00"));
    world.cure();
    CHECK(world.turn_at(at("08:02")));

    CHECK(world.entry(bad)->next_slot == at("03:30") + 24h);
}

}  // namespace cjv::app
