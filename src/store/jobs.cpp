#include "store/jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/iso8601.h"
#include "domain/job_json.h"
#include "store/apart.h"
#include "store/decisions.h"
#include "store/job_row.h"
#include "store/lifecycle.h"

namespace cjv::store {
namespace {

using domain::Entry;
using domain::EntryPtr;
using domain::Job;

constexpr auto kCountOpen = R"sql(
    SELECT job, status, reason, count(*) FROM runs WHERE ended_at IS NULL GROUP BY job, status, reason)sql";
constexpr auto kFindName = "SELECT number FROM jobs WHERE name = $1 AND deleted_at IS NULL";
constexpr auto kInsertCursor = R"sql(
    INSERT INTO cursors (job, next_slot, decided_until, run_count) VALUES ($1, $2, $3, 0))sql";
constexpr auto kSetCursor = "UPDATE cursors SET next_slot = $2, decided_until = $3 WHERE job = $1";
constexpr auto kDeleteCursor = "DELETE FROM cursors WHERE job = $1";
constexpr auto kMarkDeleted = "UPDATE jobs SET deleted_at = $2 WHERE number = $1";
constexpr auto kPendingRuns = R"sql(
    SELECT id FROM runs WHERE job = $1 AND ended_at IS NULL AND status = 'pending' ORDER BY id)sql";

// An open run's part in its job's counters, as lifecycle.cpp keeps them.
void count_open(Entry& entry, std::string_view status, std::string_view reason, std::int32_t runs) {
    entry.open_count += runs;
    if (status == "running") entry.running_count += runs;
    if (reason == "waiting_overlap") entry.waiting_count += runs;
}

Result<void> refuse_taken_name(Transaction& tx, const std::string& name, JobNumber own) {
    const auto taken = tx.db.find(kFindName, {name}, [](const Row& row) { return row.job(0); });
    if (!taken) return std::unexpected(taken.error());
    if (*taken && **taken != own)
        return refuse("name", "unique", "A job with this name already exists.");
    return {};
}

// Of a job that is in trouble already, what the database refuses is missed instead: an edit must get through, also
// the one that deactivates the job.
Result<void> decide_or_miss(Transaction& tx, const Entry& entry, const domain::Outage& outage) {
    const auto refused = do_each(tx, 1, [&](Transaction& own, std::size_t) {
        return record(own, domain::plan(entry, outage, tx.now));
    });
    if (!refused) return std::unexpected(refused.error());
    if (refused->empty()) return {};
    if (entry.trouble == domain::Trouble::none) return std::unexpected(refused->front().error);

    Job no_runs = *entry.job;
    no_runs.misfire = domain::Misfire::none;
    Entry given_up = entry;
    given_up.job = std::make_shared<const Job>(std::move(no_runs));
    given_up.trouble = domain::Trouble::none;
    const domain::Outage until_now{.until = tx.now + std::chrono::microseconds{1},
                                   .reason = domain::Reason::stalled};
    return record(tx, domain::plan(given_up, until_now, tx.now));
}

// The job as it is now, once its due slots are decided.
Result<Entry*> settle(Transaction& tx, JobNumber number, std::int64_t before,
                      const domain::Outage& outage) {
    const EntryPtr entry = tx.draft.find(number);
    if (!entry) return fail(Errc::not_found, "there is no such job");
    if (before != 0 && entry->job->version != before)
        return fail(Errc::stale,
                    fmt::format("the job was changed: it is at version {}, you have read {}",
                                entry->job->version, before));
    if (const auto decided = decide_due(tx, number, outage); !decided)
        return std::unexpected(decided.error());
    return tx.draft.change(number);
}

// Our own chores keep what makes them ours; when they run is for people to say.
Result<void> refuse_other_chore(const Job& before, const Job& after) {
    if (before.kind != domain::Kind::internal) return {};
    if (after.name != before.name)
        return refuse("name", "fixed", "This job is the system's; its name is fixed.");
    const auto was = domain::internal_target(before), is = domain::internal_target(after);
    if (!is || (was && is->action != was->action))
        return refuse("target", "fixed", "This job is the system's; its action is fixed.");
    return {};
}

Result<void> cancel_pending(Transaction& tx, JobNumber number, std::string_view by) {
    std::vector<RunId> pending;
    auto read = tx.db.query(kPendingRuns, {number},
                            [&](const Row& row) { pending.push_back(row.run_id(0)); });
    if (!read) return read;
    for (const RunId& run : pending)
        if (const auto done = cancel_run(tx, run, false, by); !done)
            return std::unexpected(done.error());
    return {};
}

void begin_cursor(Entry& entry, const Job& job, Instant decided_until, Instant now) {
    entry.next_slot = job.is_active ? domain::first_slot(job, decided_until, now) : std::nullopt;
    entry.decided_until = now;
    if (entry.next_slot && *entry.next_slot <= now)
        entry.decided_until = *entry.next_slot - std::chrono::microseconds{1};
}

// Where the entry goes on by the zone data of today.
struct MovedCursor {
    JobNumber job;
    Instant decided_until{};
    std::optional<Instant> after;
};

void follow_zone_data(JobRow& loaded, std::vector<MovedCursor>& moved, Log& log) {
    Entry& entry = loaded.entry;
    if (!loaded.job.is_active) return;
    const auto next =
        domain::slot_after_change(loaded.job.schedule, entry.decided_until, entry.next_slot);
    if (next == entry.next_slot) return;
    log_moved_slot(log, loaded.job, entry.next_slot, next);
    entry.next_slot = next;
    moved.push_back({entry.number, entry.decided_until, next});
}

template <class T>
Result<void> done(const Result<T>& written, std::string_view doing) {
    if (!written) return fail(written.error(), doing);
    return {};
}

}  // namespace

Result<void> load_jobs(Database& db, const schedule::Zones& zones, domain::Board& board, Log& log) {
    std::vector<std::shared_ptr<Entry>> entries;  // by number
    std::vector<MovedCursor> moved;
    auto read = db.query(kLoadJobs, {}, [&](const Row& row) {
        JobRow loaded = read_job_row(row);
        if (const auto parsed = domain::parse_schedule(loaded.job, zones); !parsed) {
            log.error("store.job_unreadable",
                      {{"job", loaded.job.name}, {"error", parsed.error().what}});
            loaded.entry.next_slot.reset();
            loaded.entry.trouble = zones.find(loaded.job.timezone)
                                       ? domain::Trouble::schedule_unreadable
                                       : domain::Trouble::zone_missing;
        } else {
            follow_zone_data(loaded, moved, log);
        }
        loaded.entry.job = std::make_shared<const Job>(std::move(loaded.job));
        entries.push_back(std::make_shared<Entry>(std::move(loaded.entry)));
    });
    if (!read) return fail(read.error(), "load jobs");

    for (const MovedCursor& cursor : moved)
        if (const auto written =
                db.run(kSetCursor, {cursor.job, cursor.after, cursor.decided_until});
            !written)
            return fail(written.error(), "move cursor");

    read = db.query(kCountOpen, {}, [&](const Row& row) {
        const auto found = std::ranges::lower_bound(entries, row.job(0), {}, &Entry::number);
        if (found != entries.end() && (*found)->number == row.job(0))
            count_open(**found, row.text(1), row.text(2),
                       static_cast<std::int32_t>(row.integer(3)));
    });
    if (!read) return fail(read.error(), "count open runs");
    for (auto& entry : entries) board.put(std::move(entry));
    return {};
}

Result<EntryPtr> create_job(Transaction& tx, Job job) {
    if (const auto free = refuse_taken_name(tx, job.name, {}); !free)
        return std::unexpected(free.error());
    job.version = 1;
    job.created_at = job.updated_at = tx.now;
    const auto number = insert_job(tx.db, job);
    if (!number) return std::unexpected(number.error());

    Entry entry;
    entry.number = *number;
    begin_cursor(entry, job, Instant::min(), tx.now);
    const auto placed =
        tx.db.run(kInsertCursor, {entry.number, entry.next_slot, entry.decided_until});
    if (!placed) return fail(placed.error(), "insert cursor");

    entry.job = std::make_shared<const Job>(std::move(job));
    tx.draft.put(std::move(entry));
    tx.draft.changes.push_back({.what = Change::What::job, .job = *number});
    return tx.draft.find(*number);
}

Result<EntryPtr> update_job(Transaction& tx, JobNumber number, std::int64_t before, Job job,
                            const domain::Outage& outage) {
    const auto entry = settle(tx, number, before, outage);
    if (!entry) return std::unexpected(entry.error());
    const Job& old = *(*entry)->job;
    if (const auto ours = refuse_other_chore(old, job); !ours) return std::unexpected(ours.error());
    if (const auto free = refuse_taken_name(tx, job.name, number); !free)
        return std::unexpected(free.error());

    job.id = old.id;
    job.kind = old.kind;
    job.created_at = old.created_at;
    job.version = old.version;
    job.updated_at = old.updated_at;
    if (same_row(old, job)) return tx.draft.find(number);
    job.version = old.version + 1;
    job.updated_at = tx.now;
    if (const auto written = rewrite_job(tx.db, number, job); !written)
        return std::unexpected(written.error());

    // Slots up to now belonged to the old definition. After a backward step of the clock the cursor holds.
    Entry& now = **entry;
    begin_cursor(now, job, now.decided_until, std::max(now.decided_until, tx.now));
    if (const auto moved = set_cursor(tx, now); !moved) return std::unexpected(moved.error());
    // What cannot be parsed has no schedule, whatever else was edited.
    if (job.schedule.type() == job.schedule_type) now.trouble = domain::Trouble::none;
    now.job = std::make_shared<const Job>(std::move(job));
    tx.draft.set_range(number, std::nullopt);
    tx.draft.changes.push_back({.what = Change::What::job, .job = number});
    if (const auto released = release_waiting(tx, number); !released)
        return std::unexpected(released.error());
    return tx.draft.find(number);
}

Result<void> delete_job(Transaction& tx, JobNumber number, std::int64_t before,
                        const domain::Outage& outage, std::string_view by) {
    const auto entry = settle(tx, number, before, outage);
    if (!entry) return std::unexpected(entry.error());
    if ((*entry)->job->kind == domain::Kind::internal)
        return fail(Errc::conflict,
                    "This job is the system's and cannot be deleted; deactivate it instead.");

    if (const auto cancelled = cancel_pending(tx, number, by); !cancelled) return cancelled;
    if (const auto marked = tx.db.run(kMarkDeleted, {number, tx.now}); !marked)
        return done(marked, "delete job");
    if (const auto gone = tx.db.run(kDeleteCursor, {number}); !gone)
        return done(gone, "delete cursor");
    tx.draft.remove(number);
    tx.draft.changes.push_back({.what = Change::What::job_removed, .job = number});
    return {};
}

Result<void> decide_due(Transaction& tx, JobNumber number, const domain::Outage& outage) {
    const EntryPtr entry = tx.draft.find(number);
    if (!entry || !entry->job->is_active || !entry->next_slot || *entry->next_slot > tx.now)
        return {};
    const auto decided = decide_or_miss(tx, *entry, outage);
    if (!decided) return fail(decided.error(), "decide due slots");
    return {};
}

Result<void> set_cursor(Transaction& tx, const Entry& entry) {
    const auto moved = tx.db.run(kSetCursor, {entry.number, entry.next_slot, entry.decided_until});
    if (!moved) return fail(moved.error(), "set cursor");
    return {};
}

void log_moved_slot(Log& log, const Job& job, std::optional<Instant> before,
                    std::optional<Instant> after) {
    log.warn("store.slot_moved", {{"job", job.name},
                                  {"timezone", job.timezone},
                                  {"before", before ? to_iso8601(*before) : "none"},
                                  {"after", after ? to_iso8601(*after) : "none"}});
}

Result<std::vector<DeletedJob>> deleted_jobs(Database& db) {
    std::vector<DeletedJob> jobs;
    const auto read = db.query(
        "SELECT number, name, task FROM jobs WHERE deleted_at IS NOT NULL", {},
        [&](const Row& row) { jobs.push_back({row.job(0), row.string(1), row.string(2)}); });
    if (!read) return fail(read.error(), "read deleted jobs");
    return jobs;
}
Result<std::optional<std::string>> job_name(Database& db, JobNumber number) {
    return db.find("SELECT name FROM jobs WHERE number = $1", {number},
                   [](const Row& row) { return row.string(0); });
}
Result<std::optional<Uuid>> job_id(Database& db, JobNumber number) {
    return db.find("SELECT id FROM jobs WHERE number = $1", {number},
                   [](const Row& row) { return row.uuid(0); });
}
Result<std::optional<JobNumber>> job_number(Database& db, const Uuid& id) {
    return db.find("SELECT number FROM jobs WHERE id = $1", {id},
                   [](const Row& row) { return row.job(0); });
}

}  // namespace cjv::store
