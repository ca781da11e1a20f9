#include "store/task_ids.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "domain/run_id.h"
#include "store/draft.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;

constexpr auto kLongest = 60s;  // that anything is gathered
constexpr std::size_t kReadAtOnce = 1'000;
constexpr auto kMargin = 60s;  // what is recorded next may have been seen so long ago
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

// So that most comparisons need not look at the text.
std::uint64_t beginning(std::string_view text) {
    unsigned char bytes[8] = {};
    std::memcpy(bytes, text.data(), std::min(text.size(), sizeof bytes));
    std::uint64_t value = 0;
    for (const unsigned char byte : bytes) value = value << 8 | byte;
    return value;
}

void lower(std::optional<RunId>& lowest, const RunId& id) {
    if (!lowest || id < *lowest) lowest = id;
}

Result<void> set_since(Transaction& tx, const RunId& since) {
    const auto set = tx.db.run(kSetSince, {since});
    if (!set) return fail(set.error(), "keep since when task ids are in memory alone");
    tx.draft.task_ids.since = since;
    return {};
}

}  // namespace

void TaskIds::Changes::keep_in(Changes& below) {
    for (const std::string& task_id : removed) below.recorded.erase(task_id);
    std::ranges::move(removed, std::back_inserter(below.removed));
    for (auto& [task_id, run] : recorded) below.recorded[task_id] = run;
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
        young_.insert_or_assign(row.string(1), id);
        lower(lowest_, id);
    });
    if (!read) return fail(read.error(), "load task ids");
    young_since_ = now;
    make_due(now);
    return {};
}

std::optional<RunId> TaskIds::find(std::string_view task_id) const {
    const std::scoped_lock lock(mutex_);
    for (const Map* map : {&young_, &old_})
        if (const auto at = map->find(task_id); at != map->end() && at->second != RunId())
            return at->second;
    return std::nullopt;
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
    drop_settled(changes.settled);
    for (const std::string& task_id : changes.removed) forget(task_id);
    if (young_.empty()) young_since_ = now;
    for (const auto& [task_id, run] : changes.recorded) lower(lowest_, run);
    young_.merge(changes.recorded);
    // Those whose earlier run is gone.
    for (const auto& [task_id, run] : changes.recorded) young_[task_id] = run;
    changes = {};
    make_due(now);
}

// Under the mutex, as are the next two. One that is due keeps its place: it may be settled in vain.
void TaskIds::forget(const std::string& task_id) {
    young_.erase(task_id);
    if (const auto at = old_.find(task_id); at != old_.end()) at->second = RunId();
}

void TaskIds::drop_settled(std::size_t count) {
    for (; count > 0; --count) old_.erase(due_[settled_++]);
    if (due() > 0) return;
    due_.clear();
    settled_ = 0;
}

void TaskIds::make_due(Instant now) {
    const bool is_time = young_.size() >= kMost || now >= young_since_ + kLongest;
    if (!is_time || young_.empty() || due() > 0) return;
    old_.swap(young_);
    lowest_.reset();
    std::vector<std::pair<std::uint64_t, Map::iterator>> order;
    order.reserve(old_.size());
    for (auto at = old_.begin(); at != old_.end(); ++at)
        order.emplace_back(beginning(at->first), at);
    std::ranges::sort(order, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : a.second->first < b.second->first;
    });
    due_.reserve(order.size());
    for (const auto& [text, at] : order) due_.push_back(at);
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
    tx.draft.task_ids.recorded.insert_or_assign(task_id, run);
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
    const std::size_t due = ids.due();
    if (due == 0) return {};
    const std::size_t count = std::min(due, std::max(kAtOnce, changes.recorded.size()));
    for (std::size_t i = 0; i < count; ++i) {
        const auto& [task_id, run] = ids.due(i);
        if (run == RunId()) continue;  // gone meanwhile
        const auto inserted = tx.db.run(kInsert, {task_id, run});
        if (!inserted) return fail(inserted.error(), "insert task id");
    }
    changes.settled = count;
    if (count < due) return {};

    std::optional<RunId> since = ids.lowest();
    for (const auto& [task_id, run] : changes.recorded) lower(since, run);
    lower(since, domain::lowest_id_at(tx.now - kMargin));
    return set_since(tx, *since);
}

}  // namespace cjv::store
