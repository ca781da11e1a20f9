#include "store/totals.h"

#include <algorithm>

namespace cjv::store {
namespace {

using domain::Status;

constexpr JobNumber kAll{0};

constexpr auto kAdd = R"sql(
    INSERT INTO hourly (job, hour, success, failed, other, duration_us, durations)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (job, hour) DO UPDATE SET
        success = success + excluded.success, failed = failed + excluded.failed,
        other = other + excluded.other, duration_us = duration_us + excluded.duration_us,
        durations = durations + excluded.durations)sql";
constexpr auto kDropEmpty = R"sql(
    DELETE FROM hourly WHERE job = $1 AND hour = $2 AND success = 0 AND failed = 0 AND other = 0)sql";
constexpr auto kSince = R"sql(
    SELECT hour, success, failed, other, duration_us, durations
    FROM hourly WHERE job = $1 AND hour >= $2 ORDER BY hour)sql";

void operator+=(HourTotals& totals, const HourTotals& more) {
    totals.hour = more.hour;
    totals.success += more.success;
    totals.failed += more.failed;
    totals.other += more.other;
    totals.duration_us += more.duration_us;
    totals.durations += more.durations;
}

bool counts_nothing(const HourTotals& t) { return t.success == 0 && t.failed == 0 && t.other == 0; }
bool takes_back(const HourTotals& t) { return t.success < 0 || t.failed < 0 || t.other < 0; }

Result<void> write(Database& db, JobNumber job, const HourTotals& t) {
    const auto added =
        db.run(kAdd, {job, t.hour, t.success, t.failed, t.other, t.duration_us, t.durations});
    if (!added) return fail(added.error(), "add to totals");
    if (!takes_back(t)) return {};
    const auto dropped = db.run(kDropEmpty, {job, t.hour});
    if (!dropped) return fail(dropped.error(), "drop totals");
    return {};
}

}  // namespace

HourTotals totals_of(const domain::Run& run) {
    HourTotals totals;
    if (!run.ended_at || run.status == Status::skipped) return totals;
    totals.hour = std::chrono::floor<std::chrono::hours>(*run.ended_at).time_since_epoch().count();
    totals.success = run.status == Status::success;
    totals.failed = is_failure(run.status);
    totals.other = 1 - totals.success - totals.failed;
    if (run.started_at) {
        totals.durations = 1;
        totals.duration_us = std::max<std::int64_t>(0, (*run.ended_at - *run.started_at).count());
    }
    return totals;
}

void add(TotalsByHour& totals, JobNumber job, const HourTotals& more) {
    if (!counts_nothing(more)) totals[{job, more.hour}] += more;
}

Result<void> write_totals(Database& db, const TotalsByHour& changes) {
    std::map<std::int64_t, HourTotals> all;
    for (const auto& [key, totals] : changes) {
        const bool is_of_a_job = key.first != kAll;  // tasks that others sent have none
        if (is_of_a_job)
            if (const auto written = write(db, key.first, totals); !written) return written;
        all[key.second] += totals;
    }
    for (const auto& [hour, totals] : all)
        if (const auto written = write(db, kAll, totals); !written) return written;
    return {};
}

Result<std::vector<HourTotals>> hours_of(Database& db, JobNumber job, std::int64_t since) {
    std::vector<HourTotals> hours;
    const auto read = db.query(kSince, {job, since}, [&](const Row& row) {
        hours.push_back({.hour = row.integer(0),
                         .success = row.integer(1),
                         .failed = row.integer(2),
                         .other = row.integer(3),
                         .duration_us = row.integer(4),
                         .durations = row.integer(5)});
    });
    if (!read) return std::unexpected(read.error());
    return hours;
}

Result<void> Totals::load(Database& db) {
    const auto hours = hours_of(db, kAll, std::numeric_limits<std::int64_t>::min());
    if (!hours) return fail(hours.error(), "load totals");
    const std::scoped_lock lock(mutex_);
    for (const HourTotals& totals : *hours) hours_[totals.hour] = totals;
    return {};
}

void Totals::add(const TotalsByHour& changes) {
    if (changes.empty()) return;
    const std::scoped_lock lock(mutex_);
    for (const auto& [key, more] : changes) {
        HourTotals& totals = hours_[key.second];
        totals += more;
        if (counts_nothing(totals)) hours_.erase(key.second);
    }
}

std::vector<HourTotals> Totals::since(std::int64_t hour) const {
    const std::scoped_lock lock(mutex_);
    std::vector<HourTotals> hours;
    for (auto at = hours_.lower_bound(hour); at != hours_.end(); ++at) hours.push_back(at->second);
    return hours;
}

}  // namespace cjv::store
