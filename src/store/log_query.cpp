#include "store/log_query.h"

#include <fmt/format.h>

#include "domain/run_id.h"

namespace cjv::store {
namespace {

// Ids hold whole milliseconds: the first that is not before `at`.
RunId first_id_from(Instant at) {
    return domain::lowest_id_at(std::chrono::ceil<std::chrono::milliseconds>(at));
}

Param param_of(JobNumber job) { return job; }
Param param_of(const std::string& text) { return text; }
template <class Word>
Param param_of(Word word) {
    return to_text(word);
}

// What lines are sorted by before their id; empty: by nothing else.
std::string_view key_of(LogOrder order) {
    switch (order) {
        case LogOrder::duration:
        case LogOrder::duration_down: return "ended_at - started_at";
        case LogOrder::started:
        case LogOrder::started_down: return "started_at";
        case LogOrder::newest:
        case LogOrder::oldest: break;
    }
    return "";
}

std::string_view direction_of(LogOrder order) {
    switch (order) {
        case LogOrder::oldest:
        case LogOrder::duration:
        case LogOrder::started: return "ASC";
        case LogOrder::newest:
        case LogOrder::duration_down:
        case LogOrder::started_down: break;
    }
    return "DESC";
}

}  // namespace

LogQuery::LogQuery(const LogFilter& filter, LogOrder order, std::optional<RunId> after)
    : order_(order) {
    match(filter);
    if (!after) return;
    const std::string older = " AND id < " + bind(*after);
    runs_ += older;
    skips_ += older;
}

std::string LogQuery::page(std::int64_t offset, std::int64_t limit) {
    const auto key = key_of(order_);
    const auto direction = direction_of(order_);
    const std::string lines =
        key.empty() ? select("id, 0", "id, 1", of_one_job_)
                    : select(fmt::format("id, 0, {} AS key", key), "id, 1, NULL", of_one_job_);
    const std::string sorted =
        key.empty() ? fmt::format(" ORDER BY 1 {}", direction)
                    : fmt::format(" ORDER BY key {} NULLS LAST, id {}", direction, direction);
    return lines + sorted + " LIMIT " + bind(Param(limit)) + " OFFSET " + bind(Param(offset));
}

std::string LogQuery::count(std::optional<std::int64_t> most) {
    std::string lines = select("id", "id", true);
    if (most) lines += " ORDER BY 1 DESC LIMIT " + bind(Param(*most));
    return fmt::format("SELECT count(*), min(id) FROM ({})", lines);
}

// `by_indexes` reads runs from the two indexes that hold them by job, else from the table by id.
std::string LogQuery::select(std::string_view of_runs, std::string_view of_skips,
                             bool by_indexes) const {
    std::string sql;
    if (by_indexes) {
        sql = fmt::format(
            "SELECT {0} FROM runs WHERE ended_at IS NOT NULL{1} UNION ALL "
            "SELECT {0} FROM runs WHERE ended_at IS NULL{1}",
            of_runs, runs_);
    } else {
        sql = fmt::format("SELECT {} FROM runs WHERE TRUE{}", of_runs, runs_);
    }
    if (with_skips_)
        sql += fmt::format(" UNION ALL SELECT {} FROM skips WHERE TRUE{}", of_skips, skips_);
    return sql;
}

std::string LogQuery::bind(const Param& param) {
    params_.push_back(param);
    return fmt::format("${}", params_.size());
}

std::string LogQuery::bind(const RunId& id) { return bind(Param(ids_.emplace_back(id))); }

template <class Values>
std::string LogQuery::any_of(std::string_view column, const Values& values) {
    std::string list;
    for (const auto& value : values) list += (list.empty() ? "" : ", ") + bind(param_of(value));
    return fmt::format(" AND {} IN ({})", column, list);
}

void LogQuery::match_names(const LogFilter& filter) {
    if (filter.jobs.empty() && filter.tasks.empty()) return;
    const std::string jobs = filter.jobs.empty() ? " AND FALSE" : any_of("job", filter.jobs);
    skips_ += jobs;
    runs_ += filter.tasks.empty()
                 ? jobs
                 : fmt::format(" AND ((TRUE{}) OR (TRUE{}))", jobs, any_of("task", filter.tasks));
}

void LogQuery::match(const LogFilter& filter) {
    const auto both = [&](const std::string& condition) {
        runs_ += condition;
        skips_ += condition;
    };
    of_one_job_ = filter.job.has_value();
    if (filter.job) both(" AND job = " + bind(Param(*filter.job)));
    match_names(filter);
    if (!filter.statuses.empty()) both(any_of("status", filter.statuses));
    if (filter.run) both(" AND id = " + bind(*filter.run));
    if (filter.from) both(" AND id >= " + bind(first_id_from(*filter.from)));
    if (filter.until) both(" AND id < " + bind(first_id_from(*filter.until)));

    // A range of slots has neither.
    if (!filter.triggers.empty()) runs_ += any_of("trigger", filter.triggers);
    if (!filter.workers.empty()) runs_ += any_of("worker", filter.workers);
    with_skips_ = filter.triggers.empty() && filter.workers.empty();
}

}  // namespace cjv::store
