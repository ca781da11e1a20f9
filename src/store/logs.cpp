#include "store/logs.h"

#include <algorithm>

#include "domain/run_id.h"
#include "store/log_query.h"
#include "store/runs.h"
#include "store/skips.h"

namespace cjv::store {
namespace {

constexpr std::int64_t kCounted = 10'000;  // by cursor: beyond, the number is estimated

constexpr auto kOldest = R"sql(
    SELECT min(id) FROM (SELECT min(id) AS id FROM runs UNION ALL SELECT min(id) FROM skips))sql";
const std::string kNewestRuns =
    "SELECT " + std::string(kRunColumns) +
    " FROM runs WHERE job = $1 AND ended_at IS NOT NULL UNION ALL SELECT " +
    std::string(kRunColumns) +
    " FROM runs WHERE job = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT $2";

Result<LogLine> read_line(Database& db, const RunId& id, bool is_skip) {
    LogLine line;
    if (is_skip) {
        auto skip = find_skip(db, id);
        if (!skip) return std::unexpected(skip.error());
        line.skip = *std::move(skip);
    } else {
        auto run = find_run(db, id);
        if (!run) return std::unexpected(run.error());
        line.run = *std::move(run);
    }
    return line;
}

Result<std::vector<LogLine>> read_lines(Database& db, LogQuery& query, std::int64_t offset,
                                        std::int64_t limit) {
    std::vector<std::pair<RunId, bool>> found;
    const std::string sql = query.page(offset, limit);
    const auto read = db.query(sql, query.params(), [&](const Row& row) {
        found.emplace_back(row.run_id(0), row.boolean(1));
    });
    if (!read) return fail(read.error(), "list logs");

    std::vector<LogLine> lines;
    for (const auto& [id, is_skip] : found) {
        auto line = read_line(db, id, is_skip);
        if (!line) return std::unexpected(line.error());
        lines.push_back(*std::move(line));
    }
    return lines;
}

struct Counted {
    std::int64_t count = 0;
    RunId oldest;
};
Result<Counted> count(Database& db, const LogFilter& filter, std::optional<std::int64_t> most) {
    LogQuery query(filter, LogOrder::newest);
    const std::string sql = query.count(most);
    Counted counted;
    const auto read = db.query(sql, query.params(),
                               [&](const Row& row) { counted = {row.integer(0), row.run_id(1)}; });
    if (!read) return fail(read.error(), "count logs");
    return counted;
}

std::int64_t milliseconds_of(const RunId& id) {
    std::int64_t ms = 0;
    for (int i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
    return ms;
}

// As many as there would be if all time were as dense as that of the newest ones.
Result<std::int64_t> estimate(Database& db, const LogFilter& filter, const Counted& newest,
                              const RunId& first) {
    const auto oldest = db.find(kOldest, {}, [](const Row& row) { return row.run_id(0); });
    if (!oldest) return std::unexpected(oldest.error());
    if (!*oldest) return newest.count;
    std::int64_t from = milliseconds_of(**oldest);
    if (filter.from) from = std::max(from, micros(*filter.from) / 1'000);
    const double seen =
        static_cast<double>(milliseconds_of(first) - milliseconds_of(newest.oldest));
    const double all = static_cast<double>(milliseconds_of(first) - from);
    if (seen <= 0 || all <= seen) return newest.count;
    return static_cast<std::int64_t>(static_cast<double>(newest.count) * all / seen);
}

RunId id_of(const LogLine& line) { return line.run ? line.run->id : line.skip->id; }

}  // namespace

Result<LogPage> logs(Database& db, const LogFilter& filter, LogOrder order, std::int64_t offset,
                     std::int64_t limit) {
    const auto counted = count(db, filter, std::nullopt);
    if (!counted) return std::unexpected(counted.error());
    LogQuery query(filter, order);
    auto lines = read_lines(db, query, offset, limit);
    if (!lines) return std::unexpected(lines.error());
    return LogPage{.lines = *std::move(lines), .count = counted->count, .next = {}};
}

Result<LogPage> logs_after(Database& db, const LogFilter& filter, std::optional<RunId> after,
                           std::int64_t limit) {
    LogQuery query(filter, LogOrder::newest, after);
    auto lines = read_lines(db, query, 0, limit + 1);
    if (!lines) return std::unexpected(lines.error());

    LogPage page;
    page.lines = *std::move(lines);
    if (std::ssize(page.lines) > limit) {
        page.lines.pop_back();
        if (!page.lines.empty()) page.next = id_of(page.lines.back());
    }
    const auto counted = count(db, filter, kCounted + 1);
    if (!counted) return std::unexpected(counted.error());
    page.count = counted->count;
    if (page.count <= kCounted || page.lines.empty()) return page;

    page.count_is_exact = false;
    const auto estimated =
        estimate(db, filter, *counted, after ? *after : id_of(page.lines.front()));
    if (!estimated) return std::unexpected(estimated.error());
    page.count = *estimated;
    return page;
}

Result<std::vector<RunId>> reruns_of(Database& db, const RunId& run, std::int64_t limit) {
    std::vector<RunId> reruns;
    const auto read =
        db.query("SELECT id FROM runs WHERE rerun_of = $1 ORDER BY id DESC LIMIT $2", {run, limit},
                 [&](const Row& row) { reruns.push_back(row.run_id(0)); });
    if (!read) return fail(read.error(), "read reruns");
    return reruns;
}

Result<std::vector<domain::Run>> newest_runs(Database& db, JobNumber job, std::int64_t limit) {
    std::vector<domain::Run> runs;
    const auto read =
        db.query(kNewestRuns, {job, limit}, [&](const Row& row) { runs.push_back(read_run(row)); });
    if (!read) return std::unexpected(read.error());
    return runs;
}

}  // namespace cjv::store
