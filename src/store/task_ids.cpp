#include "store/task_ids.h"

#include <algorithm>
#include <iterator>

#include "domain/run_id.h"
#include "store/draft.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;

constexpr auto kLongest = 60s;  // that anything is gathered
constexpr std::size_t kReadAtOnce = 1'000;
constexpr auto kMargin = 60s;  // what is recorded next may have been seen so long ago
// A start reads the runs of so long, though no task of others comes any more.
constexpr auto kMovesOn = 1h;
// At least so many at once; and as many as were recorded, so that all are settled before as many are gathered.
constexpr std::size_t kAtOnce = 256;

constexpr auto kFind = "SELECT run FROM task_ids WHERE task_id = $1";
constexpr auto kNext = "SELECT task_id FROM task_ids WHERE task_id > $1 ORDER BY task_id LIMIT $2";
constexpr auto kInsert = "INSERT OR REPLACE INTO task_ids (task_id, run) VALUES ($1, $2)";
constexpr auto kRemove = "DELETE FROM task_ids WHERE task_id = $1";
constexpr auto kSince = "SELECT value FROM settings WHERE key = 'task_ids_since'";
constexpr auto kSetSince = R"sql(
    INSERT INTO settings (key, value) VALUES ('task_ids_since', $1)
    ON CONFLICT (key) DO UPDATE SET value = $1)sql";
constexpr auto kUnsettled =
    "SELECT id, task_id FROM runs WHERE id >= $1 AND task_id IS NOT NULL ORDER BY id";

void lower(std::optional<RunId>& lowest, const RunId& id) {
    if (!lowest || id < *lowest) lowest = id;
}

Result<void> set_since(Transaction& tx, const RunId& since) {
    const auto set = tx.db.run(kSetSince, {since});
    if (!set) return fail(set.error(), "keep since when task ids are in memory alone");
    tx.draft.task_ids.since = since;
    return {};
}

// All of them are in the table: where tasks of others come no more, a start need not read what came since.
Result<void> move_on(Transaction& tx) {
    const auto since = tx.draft.task_ids_since();
    const bool is_settled =
        tx.draft.memory().task_ids.all_settled() && tx.draft.task_ids.recorded.empty();
    if (!is_settled || !since || *since >= domain::lowest_id_at(tx.now - kMargin - kMovesOn))
        return {};
    return set_since(tx, domain::lowest_id_at(tx.now - kMargin));
}

Result<void> insert_due(Transaction& tx, std::size_t count) {
    const TaskIds& ids = tx.draft.memory().task_ids;
    for (std::size_t i = 0; i < count; ++i) {
        const RunId& run = ids.due_run(i);
        if (run == RunId()) continue;
        const auto inserted = tx.db.run(kInsert, {ids.due_task(i), run});
        if (!inserted) return fail(inserted.error(), "insert task id");
    }
    return {};
}

// What is not in the table when all that is due now has gone there.
RunId since_after(const Transaction& tx) {
    std::optional<RunId> since = tx.draft.memory().task_ids.lowest();
    if (const auto& lowest = tx.draft.task_ids.lowest) lower(since, *lowest);
    lower(since, domain::lowest_id_at(tx.now - kMargin));
    return *since;
}

}  // namespace

void TaskIds::Changes::keep_in(Changes& below) {
    for (const std::string& task_id : removed) below.recorded.erase(task_id);
    std::ranges::move(removed, std::back_inserter(below.removed));
    below.recorded.put_all(recorded);
    if (lowest) lower(below.lowest, *lowest);
    below.settled += settled;
    if (since) below.since = since;
}

Result<void> TaskIds::load(Database& db, Instant now) {
    const auto since = db.find(kSince, {}, [](const Row& row) { return row.run_id(0); });
    if (!since) return fail(since.error(), "load task ids");
    if (!*since) return {};
    since_ = *since;
    const auto read = db.query(kUnsettled, {**since}, [&](const Row& row) {
        const RunId id = row.run_id(0);
        note(row.text(1));
        young_.put(row.text(1), id);
        lower(lowest_, id);
    });
    if (!read) return fail(read.error(), "load task ids");
    young_since_ = now;
    make_due(now);
    return {};
}

std::optional<RunId> TaskIds::find(std::string_view task_id) const {
    const std::scoped_lock lock(mutex_);
    const auto run = young_.find(task_id);
    return run ? run : old_.find(task_id);
}

Result<void> TaskIds::read_more(Database& db) {
    if (has_read_all_) return {};
    std::size_t count = 0;
    const auto read = db.query(kNext, {read_to_, kReadAtOnce}, [&](const Row& row) {
        note(row.text(0));
        read_to_ = row.text(0);
        ++count;
    });
    if (!read) return fail(read.error(), "read task ids");
    has_read_all_ = count < kReadAtOnce;
    return {};
}

void TaskIds::keep(Changes& changes, Instant now) {
    const std::scoped_lock lock(mutex_);
    if (changes.since) since_ = changes.since;
    settled_ += changes.settled;
    if (due() == 0) {
        old_.clear();
        settled_ = 0;
    }
    for (const std::string& task_id : changes.removed) {
        young_.erase(task_id);
        old_.forget(task_id);
    }
    if (young_.empty()) {
        young_since_ = now;
        lowest_.reset();
    }
    young_.put_all(changes.recorded);
    if (changes.lowest) lower(lowest_, *changes.lowest);
    changes = {};
}

bool TaskIds::is_time(Instant now) const {
    return young_.size() >= kMost || (!young_.empty() && now >= young_since_ + kLongest);
}

bool TaskIds::make_due(Instant now) {
    if (due() > 0 || !is_time(now)) return false;
    const std::scoped_lock lock(mutex_);
    old_ = young_.take_sorted();
    lowest_.reset();
    return true;
}

Result<std::optional<RunId>> find_settled(Database& db, std::string_view task_id) {
    auto found = db.find(kFind, {task_id}, [](const Row& row) { return row.run_id(0); });
    if (!found) return fail(found.error(), "find task");
    return found;
}

Result<std::optional<RunId>> find_task_id(Transaction& tx, std::string_view task_id) {
    if (!tx.draft.memory().task_ids.may_know(task_id)) return std::optional<RunId>();
    if (const auto run = tx.draft.find_task(task_id)) return run;
    return find_settled(tx.db, task_id);
}

Result<void> record_task_id(Transaction& tx, const std::string& task_id, const RunId& run) {
    // Nothing is wrong when the transaction fails: then one too many is looked for.
    tx.draft.memory().task_ids.note(task_id);
    tx.draft.task_ids.recorded.put(task_id, run);
    lower(tx.draft.task_ids.lowest, run);
    const auto since = tx.draft.task_ids_since();
    if (since && *since <= run) return {};
    const auto id = domain::lowest_id_at(tx.now - kMargin);
    return set_since(tx, std::min(id, run));
}

Result<void> remove_task_id(Transaction& tx, const std::string& task_id) {
    const auto gone = tx.db.run(kRemove, {task_id});
    if (!gone) return fail(gone.error(), "remove task id");
    tx.draft.task_ids.removed.push_back(task_id);
    return {};
}

Result<void> settle_task_ids(Transaction& tx) {
    TaskIds& ids = tx.draft.memory().task_ids;
    TaskIds::Changes& changes = tx.draft.task_ids;
    if (!changes.recorded.empty())
        if (const auto read = ids.read_more(tx.db); !read) return read;
    if (ids.make_due(tx.now)) return {};  // which took its time
    const std::size_t due = ids.due();
    if (due == 0) return move_on(tx);
    const std::size_t count = std::min(due, std::max(kAtOnce, changes.recorded.size()));

    const auto since_before = changes.since;
    auto savepoint = Scope::open(tx.db, Scope::Kind::savepoint);
    if (!savepoint) return std::unexpected(savepoint.error());
    auto done = insert_due(tx, count);
    if (done && count == due) done = set_since(tx, since_after(tx));
    if (done) done = savepoint->commit();
    if (done)
        changes.settled = count;
    else
        changes.since = since_before;
    return done;
}

}  // namespace cjv::store
