// Random histories: whatever people, beat and executors do, and whichever statement fails, memory is what the disk
// says, totals are what a recount says, and the feed tells each run's steps without a gap.

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "domain/run.h"
#include "support/store.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;
using domain::Entry;
using domain::EntryPtr;
using domain::Overlap;
using domain::Run;
using domain::Status;
using support::a_job;
using support::at;
using support::must;
using support::StoreWorld;

class History : public StoreWorld {
public:
    explicit History(unsigned seed) : random_(seed) {
        store->feed().subscribe([this](const Commit& commit) { follow(commit); });
        for (const Overlap overlap :
             {Overlap::allow, Overlap::skip, Overlap::queue_one, Overlap::queue_all})
            create(a_job().name(std::string(to_text(overlap))).every("7 seconds").overlap(overlap));
    }

    void step() {
        clock.pass(std::chrono::milliseconds(pick(5'000)));
        const bool breaks = pick(5) == 0;
        if (breaks) break_at(1 + pick(25));
        do_something();
        if (breaks) mend();
    }

    // As after a restart, once what waits is written.
    void check() {
        clock.pass(1s);  // the writer tries again
        turn();
        const auto again = reloaded();
        for (const EntryPtr& entry : store->board().all())
            check_same(*entry, *again->board().find(entry->number));
        CHECK(store->board().size() == again->board().size());
        check_totals(*again);
    }

private:
    int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
    Status an_end() {
        constexpr Status kEnds[] = {Status::success, Status::failed, Status::timed_out,
                                    Status::cancelled, Status::lost};
        return kEnds[pick(5)];
    }
    EntryPtr a_known_job() {
        const auto all = store->board().all();
        return all[static_cast<std::size_t>(pick(static_cast<int>(all.size())))];
    }
    std::optional<RunId> an_open_run() {
        const auto runs = store->open_runs();
        if (!runs || runs->empty()) return std::nullopt;
        return (*runs)[static_cast<std::size_t>(pick(static_cast<int>(runs->size())))].id;
    }

    // Refusals are fine, and failures of the store: what counts is what is left.
    void do_something() {
        switch (pick(9)) {
            case 0:
            case 1: return decide();
            case 2:
                return void(
                    store->ask_run({.job = a_known_job()->number, .force = pick(3) == 0}, {}));
            case 3: return edit();
            case 4: return void(store->clean_up_slice(clock.now() - 60s));
            case 5:
                return void(pick(10) == 0 ? store->delete_job(a_known_job()->number, 0, {})
                                          : Result<void>());
            default: break;
        }
        const auto run = an_open_run();
        if (!run) return;
        switch (pick(4)) {
            case 0: return void(store->commit_queued({&*run, 1}));
            case 1: store->observe_started({.run = *run, .at = clock.now()}); break;
            case 2:
                store->observe_ended({.run = *run, .at = clock.now(), .status = an_end()});
                break;
            default: return void(store->ask_cancel(*run, false, {}));
        }
        turn();
    }
    void decide() {
        std::vector<domain::Decision> decisions;
        const domain::Outage outage{.until = pick(3) == 0 ? clock.now() : Instant{}};
        for (const EntryPtr& entry : store->board().all())
            if (entry->next_slot && *entry->next_slot <= clock.now())
                decisions.push_back(domain::plan(*entry, outage, clock.now()));
        (void)store->commit(decisions);
    }
    void edit() {
        const EntryPtr entry = a_known_job();
        domain::Job job = *entry->job;
        job.is_active = pick(4) != 0;
        job.grace = pick(3);
        (void)store->update_job(entry->number, 0, job, {});
    }

    static void check_same(const Entry& memory, const Entry& disk) {
        CHECK(memory.job->version == disk.job->version);
        CHECK(memory.next_slot == disk.next_slot);
        CHECK(memory.decided_until == disk.decided_until);
        CHECK(memory.last_run_at == disk.last_run_at);
        CHECK(memory.last_status == disk.last_status);
        CHECK(memory.open_count == disk.open_count);
        CHECK(memory.running_count == disk.running_count);
        CHECK(memory.waiting_count == disk.waiting_count);
        CHECK(memory.total_run_count == disk.total_run_count);
        // Somebody has to be before those that wait, or they would wait for ever.
        CHECK((memory.waiting_count == 0 || memory.open_count > memory.waiting_count));
    }

    // What the rows of the runs add up to, by job (0: all) and hour: SQL of its own, so that no function of the store
    // vouches for itself.
    std::map<std::int64_t, std::vector<HourTotals>> recount() {
        constexpr auto kRecount = R"sql(
            WITH ended AS (
                SELECT job, ended_at / 3600000000 AS hour, status, max(0, ended_at - started_at) AS duration
                FROM runs WHERE ended_at IS NOT NULL AND status <> 'skipped'
            ), counted AS (SELECT * FROM ended UNION ALL SELECT 0, hour, status, duration FROM ended)
            SELECT job, hour, sum(status = 'success'), sum(status IN ('failed', 'timed_out', 'lost')),
                   sum(status IN ('cancelled', 'missed')), coalesce(sum(duration), 0), count(duration), count(*)
            FROM counted GROUP BY job, hour ORDER BY job, hour)sql";
        std::map<std::int64_t, std::vector<HourTotals>> found;
        auto db = reader();
        must(db.query(kRecount, {}, [&](const Row& row) {
            found[row.integer(0)].push_back({.hour = row.integer(1),
                                             .success = row.integer(2),
                                             .failed = row.integer(3),
                                             .other = row.integer(4),
                                             .duration_us = row.integer(5),
                                             .durations = row.integer(6)});
            CHECK(row.integer(2) + row.integer(3) + row.integer(4) == row.integer(7));
        }));
        return found;
    }
    void check_totals(const Store& again) {
        auto recounted = recount();
        CHECK(store->hours_since(0) == recounted[0]);
        CHECK(again.hours_since(0) == recounted[0]);
        for (const EntryPtr& entry : store->board().all())
            CHECK(must(store->hours_of_job(entry->number, 0)) == recounted[entry->number.value]);
    }

    void follow(const Commit& commit) {
        CHECK(commit.sequence == ++sequence_);
        for (const Change& change : commit.changes) {
            if (change.what != Change::What::run) continue;
            const auto known = statuses_.find(change.run);
            CHECK(change.before.has_value() == (known != statuses_.end()));
            if (change.before) {
                CHECK(*change.before == known->second);
                CHECK((change.after == known->second ||
                       domain::may_follow(known->second, change.after)));
            }
            statuses_[change.run] = change.after;
        }
    }

    std::mt19937 random_;
    std::uint64_t sequence_ = 0;
    std::map<RunId, Status> statuses_;
};

TEST_CASE("after any history memory is what the disk says, and totals are what a recount says") {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        CAPTURE(seed);
        History history(seed);
        for (int i = 0; i < 300; ++i) {
            history.step();
            if (i % 50 == 49) history.check();
        }
    }
}

}  // namespace
}  // namespace cjv::store
