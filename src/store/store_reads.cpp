#include "store/jobs.h"
#include "store/logs.h"
#include "store/outbox.h"
#include "store/outputs.h"
#include "store/parts.h"
#include "store/runs.h"
#include "store/skips.h"
#include "store/tasks.h"
#include "store/totals.h"

namespace cjv::store {

Result<std::optional<domain::Run>> Store::find_run(const RunId& id) {
    return parts_->readers->read([&](Database& db) { return store::find_run(db, id); });
}
Result<std::optional<domain::Run>> Store::find_task(std::string_view task_id) {
    // What is not in memory any more is in the table already.
    const auto recent = parts_->memory.task_ids.find(task_id);
    return parts_->readers->read(
        [&](Database& db) { return store::find_task(db, task_id, recent); });
}
Result<std::vector<domain::Attempt>> Store::attempts_of(const RunId& run) {
    return parts_->readers->read([&](Database& db) { return store::attempts_of(db, run); });
}
Result<std::optional<domain::Skip>> Store::find_skip(const RunId& id) {
    return parts_->readers->read([&](Database& db) { return store::find_skip(db, id); });
}
Result<LogPage> Store::logs(const LogFilter& filter, LogOrder order, std::int64_t offset,
                            std::int64_t limit) {
    return parts_->readers->read(
        [&](Database& db) { return store::logs(db, filter, order, offset, limit); });
}
Result<LogPage> Store::logs_after(const LogFilter& filter, std::optional<RunId> after,
                                  std::int64_t limit) {
    return parts_->readers->read(
        [&](Database& db) { return store::logs_after(db, filter, after, limit); });
}
Result<std::vector<domain::Run>> Store::newest_runs(JobNumber job, std::int64_t limit) {
    return parts_->readers->read([&](Database& db) { return store::newest_runs(db, job, limit); });
}

Result<std::vector<RunId>> Store::reruns_of(const RunId& run, std::int64_t limit) {
    return parts_->readers->read([&](Database& db) { return store::reruns_of(db, run, limit); });
}
Result<std::vector<domain::Run>> Store::open_runs() {
    return parts_->readers->read([](Database& db) { return store::open_runs(db); });
}
Result<void> Store::each_open_run(const std::function<void(domain::Run)>& each) {
    return parts_->readers->read([&](Database& db) { return store::each_open_run(db, each); });
}
Result<std::int64_t> Store::count_open_runs() {
    return parts_->readers->read([](Database& db) { return store::count_open_runs(db); });
}
Result<std::vector<domain::Run>> Store::going_runs(Instant then) {
    return parts_->readers->read([&](Database& db) { return store::going_runs(db, then); });
}
Result<std::vector<ListNumbers>> Store::list_numbers() {
    return parts_->readers->read([](Database& db) { return store::list_numbers(db); });
}

Result<std::vector<BatchPtr>> Store::open_batches() {
    return parts_->readers->read([](Database& db) { return store::open_batches(db); });
}
Result<std::vector<OpenList>> Store::open_lists() {
    return parts_->readers->read([](Database& db) { return store::open_lists(db); });
}
Result<std::vector<RunId>> Store::posted_runs() {
    return parts_->readers->read([](Database& db) { return store::posted_runs(db); });
}
Result<OutboxPage> Store::outbox_page(const std::string& list, std::int64_t from, std::size_t bytes,
                                      std::int64_t until) {
    return parts_->readers->read(
        [&](Database& db) { return store::outbox_page(db, list, from, bytes, until); });
}
Result<std::vector<BatchPtr>> Store::expiring_batches(const std::string& list, std::int64_t from,
                                                      Instant after, Instant until,
                                                      std::size_t bytes) {
    return parts_->readers->read(
        [&](Database& db) { return store::expiring_batches(db, list, from, after, until, bytes); });
}
Result<std::optional<Instant>> Store::next_expiry(const std::string& list, std::int64_t from,
                                                  Instant after) {
    return parts_->readers->read(
        [&](Database& db) { return store::next_expiry(db, list, from, after); });
}
Result<std::vector<OutputChunk>> Store::output_after(const RunId& run, std::int64_t after,
                                                     std::uint64_t max_bytes) {
    return parts_->readers->read(
        [&](Database& db) { return store::output_after(db, run, after, max_bytes); });
}
Result<std::string> Store::output_tail(const RunId& run, std::uint64_t max_bytes) {
    return parts_->readers->read(
        [&](Database& db) { return store::output_tail(db, run, max_bytes); });
}
std::vector<HourTotals> Store::hours_since(std::int64_t hour) const {
    return parts_->memory.totals.since(hour);
}
Result<std::vector<HourTotals>> Store::hours_of_job(JobNumber job, std::int64_t since_hour) {
    return parts_->readers->read([&](Database& db) { return hours_of(db, job, since_hour); });
}

Result<std::vector<DeletedJob>> Store::deleted_jobs() {
    return parts_->readers->read([](Database& db) { return store::deleted_jobs(db); });
}
Result<std::string> Store::job_name(JobNumber job) {
    if (const auto entry = board().find(job)) return entry->job->name;
    auto name = parts_->readers->read([&](Database& db) { return store::job_name(db, job); });
    if (!name) return std::unexpected(name.error());
    if (!*name) return fail(Errc::not_found, "there is no such job");
    return **std::move(name);
}
Result<std::optional<Uuid>> Store::job_id(JobNumber job) {
    if (const auto entry = board().find(job)) return entry->job->id;
    return parts_->readers->read([&](Database& db) { return store::job_id(db, job); });
}
Result<std::optional<JobNumber>> Store::job_number(const Uuid& id) {
    if (const auto entry = board().find(id)) return entry->number;
    return parts_->readers->read([&](Database& db) { return store::job_number(db, id); });
}

Result<std::string> Store::quick_check(const std::stop_token& stop) {
    const auto damaged = [this](std::string_view fault) {
        parts_->log.error("store.damaged", {{"fault", fault}});
        parts_->writer->stop_writing(Damage::file);
    };
    auto db = Database::open(parts_->options.path, Access::reader);
    if (!db) {
        if (db.error().code == Errc::corrupt) damaged(db.error().what);
        return std::unexpected(db.error());
    }
    const std::stop_callback interrupt(stop, [&] { db->interrupt(); });
    // An interrupt before the statement runs has no effect.
    if (stop.stop_requested()) return fail(Errc::unavailable, "stopped before the file was read");
    const auto said =
        db->find("PRAGMA quick_check(1)", {}, [](const Row& row) { return row.string(0); });
    if (!said) {
        if (db->damage() == Damage::file) damaged(said.error().what);
        return std::unexpected(said.error());
    }
    if (*said != "ok") damaged(said->value_or(""));
    return said->value_or("");
}

std::chrono::microseconds Store::last_commit_time() const {
    return parts_->writer->last_commit_time();
}
std::string Store::trouble() const { return parts_->writer->trouble(); }

}  // namespace cjv::store
