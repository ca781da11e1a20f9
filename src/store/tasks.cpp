#include "store/tasks.h"

#include "domain/run_id.h"
#include "store/lifecycle.h"
#include "store/runs.h"

namespace cjv::store {
namespace {

using domain::Attempt;
using domain::Run;

constexpr auto kKeepAttempt = R"sql(
    INSERT OR REPLACE INTO attempts (run, n, received_at, started_at, ended_at, status, worker, error)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8))sql";
constexpr auto kAttempts = R"sql(
    SELECT n, received_at, started_at, ended_at, status, worker, error
    FROM attempts WHERE run = $1 ORDER BY n)sql";
constexpr auto kRemoveAttempts = "DELETE FROM attempts WHERE run = $1";

// The run that a task id of ours names; it need not exist.
std::optional<RunId> named_by(std::string_view task_id) {
    const auto uuid = parse_uuid(task_id);
    if (!uuid || !domain::decode(*uuid)) return std::nullopt;
    return domain::with_attempt(RunId(*uuid), 1);
}

Result<RunId> record_new(Transaction& tx, const TaskNews& news) {
    Run run;
    run.at = std::chrono::floor<std::chrono::milliseconds>(news.seen_at);  // as exactly as its id
    run.id = domain::observed_run_id(run.at, ++tx.draft.memory().asked_runs);
    run.trigger = domain::Trigger::external;
    run.status = domain::Status::queued;  // whoever sees a task knows that it was sent
    run.decided_at = news.seen_at;
    run.queued_at = news.sent_at;
    run.task = news.task;
    run.task_id = news.task_id;
    const RunId id = run.id;
    if (const auto recorded = record_observed(tx, std::move(run), news); !recorded)
        return std::unexpected(recorded.error());
    if (const auto kept = record_task_id(tx, news.task_id, id); !kept)
        return std::unexpected(kept.error());
    return id;
}

Result<void> keep_attempts(Database& db, const RunId& run, const std::vector<Attempt>& attempts) {
    for (const Attempt& attempt : attempts) {
        const auto kept =
            db.run(kKeepAttempt,
                   {run, attempt.n, attempt.received_at, attempt.started_at, attempt.ended_at,
                    to_text(attempt.status), attempt.worker, attempt.error});
        if (!kept) return fail(kept.error(), "keep attempt");
    }
    return {};
}

// The run with an id of our form; nothing: there is none.
Result<std::optional<Run>> find_named(Database& db, std::string_view task_id) {
    const auto id = named_by(task_id);
    return id ? find_run(db, *id) : std::optional<Run>();
}

Result<std::optional<Run>> find_known(Transaction& tx, std::string_view task_id) {
    auto named = find_named(tx.db, task_id);
    if (!named || *named) return named;
    const auto id = find_task_id(tx, task_id);
    if (!id) return std::unexpected(id.error());
    return *id ? find_run(tx.db, **id) : std::optional<Run>();
}

}  // namespace

Result<std::optional<Run>> find_task(Database& db, std::string_view task_id,
                                     const std::optional<RunId>& recent) {
    // An id of our form may also come from another installation.
    auto named = find_named(db, task_id);
    if (!named || *named) return named;
    if (recent) return find_run(db, *recent);
    const auto id = find_settled(db, task_id);
    if (!id) return std::unexpected(id.error());
    return *id ? find_run(db, **id) : std::optional<Run>();
}

Result<void> record_news(Transaction& tx, const TaskNews& news) {
    auto found = find_known(tx, news.task_id);
    if (!found) return std::unexpected(found.error());
    if (!*found) {
        const auto id = record_new(tx, news);
        if (!id) return std::unexpected(id.error());
        return keep_attempts(tx.db, *id, news.attempts);
    }
    if (!is_final((*found)->status))
        if (const auto kept = keep_attempts(tx.db, (*found)->id, news.attempts); !kept) return kept;
    return follow_task(tx, **std::move(found), news);
}

Result<void> remove_task(Transaction& tx, const Run& run) {
    if (run.attempt > 1)
        if (const auto gone = tx.db.run(kRemoveAttempts, {run.id}); !gone)
            return fail(gone.error(), "remove attempts");
    return run.task_id.empty() ? Result<void>() : remove_task_id(tx, run.task_id);
}

Result<std::vector<Attempt>> attempts_of(Database& db, const RunId& run) {
    std::vector<Attempt> attempts;
    const auto read = db.query(kAttempts, {run}, [&](const Row& row) {
        attempts.push_back(
            {.n = static_cast<int>(row.integer(0)),
             .received_at = row.maybe_instant(1),
             .started_at = row.maybe_instant(2),
             .ended_at = row.maybe_instant(3),
             .status = domain::status_from(row.text(4)).value_or(domain::Status::lost),
             .worker = row.string(5),
             .error = row.string(6)});
    });
    if (!read) return fail(read.error(), "read attempts");
    return attempts;
}

}  // namespace cjv::store
