#include "store/runs.h"

#include "base/json.h"
#include "domain/run_id.h"

namespace cjv::store {
namespace {

const std::string kFind = "SELECT " + std::string(kRunColumns) + " FROM runs WHERE id = $1";
const std::string kOpen =
    "SELECT " + std::string(kRunColumns) + " FROM runs WHERE ended_at IS NULL ORDER BY id";
const std::string kGoing = "SELECT " + std::string(kRunColumns) +
                           " FROM runs WHERE ended_at IS NULL AND (pid IS NOT NULL OR "
                           "coalesce(started_at, queued_at) < $1) ORDER BY id";
const std::string kOldestWaiting =
    "SELECT " + std::string(kRunColumns) +
    " FROM runs WHERE job = $1 AND ended_at IS NULL AND status = 'pending' AND "
    "reason = 'waiting_overlap' ORDER BY id LIMIT 1";

// No ON CONFLICT: a slot's id is made of job and slot, so a second run for a slot is a bug of ours, and the
// transaction must fail aloud.
constexpr auto kInsert = R"sql(
    INSERT INTO runs (id, job, slot, trigger, status, reason, decided_at, queued_at, overrides, notes,
        asked_by, rerun_of)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))sql";
constexpr auto kInsertObserved = R"sql(
    INSERT INTO runs (id, job, trigger, status, reason, decided_at, queued_at, received_at, started_at,
        ended_at, attempt, worker, error, traceback, result, notes, task, task_id)
    VALUES ($1, 0, 'external', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16))sql";

constexpr auto kQueuePosted = R"sql(
    UPDATE runs SET status = 'queued', queued_at = $2, list = $3, batch = $4
    WHERE id = $1 AND status = 'pending' AND reason = '')sql";
constexpr auto kUpdate = R"sql(
    UPDATE runs SET status = $2, reason = $3, queued_at = $4, received_at = $5, started_at = $6,
        ended_at = $7, cancel_requested = $8, late = $9, attempt = $10, worker = $11, pid = $12,
        pid_start = $13, boot_id = $14, exit_code = $15, error = $16, traceback = $17, result = $18,
        output_size = $19, output_cut = $20, notes = $21, task = $22, list = $23, batch = $24
    WHERE id = $1)sql";

// What is not there costs no bytes.
Param text_or_null(const std::string& text) { return text.empty() ? Param(nullptr) : Param(text); }

std::optional<domain::ProcessId> process_at(const Row& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return domain::ProcessId{row.integer(column), row.integer(column + 1), row.string(column + 2)};
}

// The slot, or the moment that the id names.
Instant moment_of(const domain::Run& run) {
    if (run.slot) return *run.slot;
    const auto parts = domain::decode(run.id);
    return parts ? parts->at : *run.decided_at;
}

}  // namespace

domain::Run read_run(const Row& row) {
    domain::Run run;
    run.id = row.run_id(0);
    run.job = row.job(1);
    run.slot = row.maybe_instant(2);
    run.trigger = domain::trigger_from(row.text(3)).value_or(domain::Trigger::external);
    run.status = domain::status_from(row.text(4)).value_or(domain::Status::lost);
    run.reason = domain::reason_from(row.text(5)).value_or(domain::Reason::none);
    run.decided_at = row.maybe_instant(6);
    run.queued_at = row.maybe_instant(7);
    run.received_at = row.maybe_instant(8);
    run.started_at = row.maybe_instant(9);
    run.ended_at = row.maybe_instant(10);
    run.cancel_requested = row.boolean(11);
    run.late = row.boolean(12);
    run.attempt = static_cast<int>(row.integer(13));
    run.worker = row.string(14);
    run.process = process_at(row, 15);
    if (const auto code = row.maybe_integer(18)) run.exit_code = static_cast<int>(*code);
    run.error = row.string(19);
    run.traceback = row.string(20);
    run.result = row.string(21);
    run.output_size = row.size(22);
    run.output_cut = row.size(23);
    run.overrides = row.string(24);
    run.notes = row.string(25);
    run.asked_by = row.user(26);
    if (!row.is_null(27)) run.rerun_of = row.run_id(27);
    run.task = row.string(28);
    run.task_id = row.string(29);
    run.list = row.string(30);
    run.batch = row.maybe_integer(31).value_or(0);
    run.at = moment_of(run);
    return run;
}

Result<std::optional<domain::Run>> find_run(Database& db, const RunId& id) {
    return db.find(kFind, {id}, read_run);
}

Result<std::vector<domain::Run>> open_runs(Database& db) {
    std::vector<domain::Run> runs;
    const auto read = each_open_run(db, [&](domain::Run run) { runs.push_back(std::move(run)); });
    if (!read) return std::unexpected(read.error());
    return runs;
}

Result<void> each_open_run(Database& db, const std::function<void(domain::Run)>& each) {
    return db.query(kOpen, {}, [&](const Row& row) { each(read_run(row)); });
}

Result<std::int64_t> count_open_runs(Database& db) {
    const auto count = db.find("SELECT count(*) FROM runs WHERE ended_at IS NULL", {},
                               [](const Row& row) { return row.integer(0); });
    if (!count) return fail(count.error(), "count the runs that are not final");
    return **count;
}

Result<std::vector<domain::Run>> going_runs(Database& db, Instant then) {
    std::vector<domain::Run> runs;
    const auto read =
        db.query(kGoing, {then}, [&](const Row& row) { runs.push_back(read_run(row)); });
    if (!read) return fail(read.error(), "read the runs that are going on");
    return runs;
}

Result<std::optional<domain::Run>> oldest_waiting(Database& db, JobNumber job) {
    return db.find(kOldestWaiting, {job}, read_run);
}

Result<void> insert_run(Database& db, const domain::Run& run) {
    const auto inserted =
        db.run(kInsert, {run.id, run.job, run.slot, to_text(run.trigger), to_text(run.status),
                         to_text(run.reason), run.decided_at, run.queued_at,
                         text_or_null(run.overrides), text_or_null(run.notes),
                         run.asked_by ? Param(run.asked_by) : Param(nullptr), run.rerun_of});
    if (!inserted) return fail(inserted.error(), "insert run");
    return {};
}

Result<void> insert_observed(Database& db, const domain::Run& run) {
    const auto inserted = db.run(
        kInsertObserved,
        {run.id, to_text(run.status), to_text(run.reason), run.decided_at, run.queued_at,
         run.received_at, run.started_at, run.ended_at, run.attempt, text_or_null(run.worker),
         text_or_null(run.error), text_or_null(run.traceback), text_or_null(run.result),
         text_or_null(run.notes), text_or_null(run.task), text_or_null(run.task_id)});
    if (!inserted) return fail(inserted.error(), "insert observed run");
    return {};
}

Result<bool> queue_posted(Database& db, const RunId& id, Instant at, const std::string& list,
                          std::int64_t batch) {
    const auto queued = db.run(kQueuePosted, {id, at, list, batch});
    if (!queued) return fail(queued.error(), "queue run");
    return *queued > 0;
}

Result<void> update_run(Database& db, const domain::Run& run) {
    const auto& process = run.process;
    const auto updated = db.run(kUpdate, {run.id,
                                          to_text(run.status),
                                          to_text(run.reason),
                                          run.queued_at,
                                          run.received_at,
                                          run.started_at,
                                          run.ended_at,
                                          run.cancel_requested,
                                          run.late,
                                          run.attempt,
                                          text_or_null(run.worker),
                                          process ? Param(process->pid) : Param(nullptr),
                                          process ? Param(process->start_time) : Param(nullptr),
                                          process ? Param(process->boot_id) : Param(nullptr),
                                          run.exit_code,
                                          text_or_null(run.error),
                                          text_or_null(run.traceback),
                                          text_or_null(run.result),
                                          run.output_size,
                                          run.output_cut,
                                          text_or_null(run.notes),
                                          text_or_null(run.task),
                                          text_or_null(run.list),
                                          run.batch > 0 ? Param(run.batch) : Param(nullptr)});
    if (!updated) return fail(updated.error(), "update run");
    return {};
}

std::string with_note(const std::string& notes, std::string_view sentence, Instant at) {
    std::string text = "[";
    json::Writer out(text);
    if (notes.size() > 2) text.append(notes, 1, notes.size() - 2);
    out.begin_object();
    out.field("at", at);
    out.field("text", sentence);
    out.end_object();
    text += ']';
    return text;
}

}  // namespace cjv::store
