#include "web/api/statistics.h"

#include <array>

namespace cjv::web {
namespace {

using store::HourTotals;

constexpr std::int64_t kMicrosPerHour = 3'600'000'000;

double seconds(std::int64_t micros) { return double(micros) / 1e6; }
double average(const HourTotals& totals) {
    return totals.durations == 0 ? 0 : seconds(totals.duration_us) / double(totals.durations);
}

HourTotals sum(const std::vector<HourTotals>& hours) {
    HourTotals all;
    for (const HourTotals& hour : hours) {
        all.success += hour.success;
        all.failed += hour.failed;
        all.other += hour.other;
        all.duration_us += hour.duration_us;
        all.durations += hour.durations;
    }
    return all;
}

// The counts of one job alone, in the shape of those of all.
domain::BoardCounts counts_of(const domain::Entry& entry) {
    domain::Board alone;
    alone.put(std::make_shared<const domain::Entry>(entry));
    return alone.counts();
}

void write_counts(json::Writer& out, const domain::BoardCounts& counts) {
    out.field("total_jobs", counts.total);
    out.field("active_jobs", counts.active);
    out.field("inactive_jobs", counts.total - counts.active);
    out.field("running_jobs", counts.running_jobs);
    out.field("failed_jobs", counts.failed_jobs);
    out.key("jobs_by_status");
    out.begin_object();
    for (std::size_t i = 0; i < counts.by_status.size(); ++i)
        if (counts.by_status[i] > 0)
            out.field(to_text(static_cast<domain::Status>(i)), counts.by_status[i]);
    out.end_object();
    out.key("jobs_by_schedule_type");
    out.begin_object();
    for (std::size_t i = 0; i < counts.by_schedule_type.size(); ++i)
        if (counts.by_schedule_type[i] > 0)
            out.field(to_text(static_cast<schedule::Type>(i)), counts.by_schedule_type[i]);
    out.end_object();
}

void write_totals(json::Writer& out, const HourTotals& totals) {
    out.field("recent_executions", totals.success + totals.failed + totals.other);
    out.field("successful_executions", totals.success);
    out.field("failed_executions", totals.failed);
    out.field("average_execution_time", average(totals));
    out.field("total_execution_time", seconds(totals.duration_us));
}

void write_hour(json::Writer& out, const HourTotals& hour) {
    out.begin_object();
    out.field("hour", instant_from_micros(hour.hour * kMicrosPerHour));
    out.field("success", hour.success);
    out.field("failed", hour.failed);
    out.field("other", hour.other);
    out.field("average_execution_time", average(hour));
    out.end_object();
}

// One entry an hour from `first` to `last`, those without a run among them.
void write_series(json::Writer& out, const std::vector<HourTotals>& hours, std::int64_t first,
                  std::int64_t last) {
    out.key("series");
    out.begin_array();
    auto at = hours.begin();
    for (std::int64_t hour = first; hour <= last; ++hour) {
        while (at != hours.end() && at->hour < hour) ++at;
        HourTotals none;
        none.hour = hour;
        write_hour(out, at != hours.end() && at->hour == hour ? *at : none);
    }
    out.end_array();
}

}  // namespace

Served statistics_served(const Request& request) {
    // A window of hours may be long, and its series longer: ten years are 88,000 entries.
    const bool is_plain = request.query.empty();
    return is_plain ? Served::inline_ : Served::pooled;
}

Response statistics(const Request& request, Context& app) {
    const auto window = whole_parameter(request, "hours", 24, 0, 24 * 3'660);
    if (!window) return problem(request, window.error());
    const std::int64_t last = micros(request.now) / kMicrosPerHour;
    std::int64_t first = *window == 0 ? 0 : last - *window + 1;

    std::vector<HourTotals> hours;
    domain::BoardCounts counts;
    if (const auto text = request.parameter("job")) {
        const auto id = parse_uuid(*text);
        if (!id)
            return problem(request, refuse("job", "invalid",
                                           "\"" + std::string(*text) + "\" is not a valid UUID.")
                                        .error());
        const auto number = app.store.job_number(*id);
        if (!number) return problem(request, number.error());
        if (!*number)
            return problem(request,
                           refuse("job", "does_not_exist", "There is no such job.").error());
        auto read = app.store.hours_of_job(**number, first);
        if (!read) return problem(request, read.error());
        hours = std::move(*read);
        if (const auto entry = app.store.board().find(**number)) counts = counts_of(*entry);
    } else {
        hours = app.store.hours_since(first);
        counts = app.store.board().counts();
    }

    std::string body;
    json::Writer out(body);
    out.begin_object();
    write_counts(out, counts);
    write_totals(out, sum(hours));
    if (request.parameter("series") == "1") {
        if (*window == 0) first = hours.empty() ? last : hours.front().hour;
        write_series(out, hours, first, last);
    }
    out.end_object();
    return json(200, std::move(body));
}

}  // namespace cjv::web
