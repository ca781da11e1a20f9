#include "web/api/schedules.h"

#include "base/iso8601.h"
#include "domain/fields.h"
#include "domain/job_json.h"
#include "schedule/json.h"

namespace cjv::web {
namespace {

constexpr std::int64_t kHoursLooked = 7 * 24;  // at the runs of a job

struct Asked {
    domain::Job job;              // of which only the schedule is set
    domain::EntryPtr whose = {};  // the job that would have it; null: a new one
    Instant from{};
    std::int64_t count = 5;
};

domain::EntryPtr read_job_id(domain::Fields& fields, const Context& app) {
    const auto text = fields.has_value("job") ? fields.text("job") : std::nullopt;
    if (!text) return nullptr;
    const auto id = parse_uuid(*text);
    auto entry = id ? app.store.board().find(*id) : nullptr;
    if (!id)
        fields.refuse("job", "invalid", "Must be a valid UUID.");
    else if (!entry)
        fields.refuse("job", "does_not_exist", "There is no such job.");
    return entry;
}

Result<Asked> read_asked(const Request& request, const Context& app) {
    const auto body = read_object(request);
    if (!body) return std::unexpected(body.error());
    Asked asked;
    std::vector<FieldError> errors;
    domain::Fields fields(*body, "", errors);
    domain::JobReading how;
    how.now = request.now;
    how.zones = &app.zones;
    how.user = &request.caller->user;
    asked.whose = read_job_id(fields, app);
    if (asked.whose) {
        how.hash_key = to_text(asked.whose->job->id);
        how.stored = asked.whose->job.get();
    }
    if (fields.has_value("hash_key")) how.hash_key = fields.text("hash_key");
    asked.from =
        fields.has_value("from") ? fields.instant("from").value_or(request.now) : request.now;
    asked.count = fields.integer("count", {.low = 0, .high = 100}).value_or(5);

    auto job = domain::read_schedule(*body, how,
                                     {"from", "count", "hash_key", "job", "csrfmiddlewaretoken"});
    if (!job) errors.insert(errors.end(), job.error().fields.begin(), job.error().fields.end());
    if (!errors.empty()) return domain::refuse_all(std::move(errors));
    asked.job = std::move(*job);
    return asked;
}

// How long the job's runs have taken on average; nothing when none has ended lately.
Result<std::optional<std::chrono::seconds>> average_run(const domain::Entry& entry, Instant now,
                                                        Context& app) {
    const auto first =
        std::chrono::floor<std::chrono::hours>(now).time_since_epoch().count() - kHoursLooked;
    const auto hours = app.store.hours_of_job(entry.number, first);
    if (!hours) return std::unexpected(hours.error());
    std::int64_t micros = 0, runs = 0;
    for (const store::HourTotals& hour : *hours) {
        micros += hour.duration_us;
        runs += hour.durations;
    }
    if (runs == 0) return std::nullopt;
    return std::chrono::floor<std::chrono::seconds>(std::chrono::microseconds{micros / runs});
}

Result<std::vector<schedule::Warning>> warnings_of(const Asked& asked, Instant now, Context& app) {
    const domain::Job& job = asked.job;
    auto found = job.schedule.warnings(asked.from, job.schedule_text);
    if (!asked.whose) return found;
    const auto run = average_run(*asked.whose, now, app);
    if (!run) return std::unexpected(run.error());
    if (*run)
        if (auto meets = job.schedule.overlap_warning(asked.from, **run))
            found.push_back(*std::move(meets));
    return found;
}

}  // namespace

Response preview_schedule(const Request& request, Context& app) {
    const auto asked = read_asked(request, app);
    if (!asked) return problem(request, asked.error());
    const domain::Job& job = asked->job;
    const auto zone = app.zones.find(job.timezone);
    const auto warnings = warnings_of(*asked, request.now, app);
    if (!warnings) return problem(request, warnings.error());

    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("schedule_type", to_text(job.schedule_type));
    out.field("words", job.schedule.words());
    out.key("next");
    out.begin_array();
    std::optional<Instant> slot = asked->from;
    for (std::int64_t i = 0; i < asked->count; ++i) {
        slot = job.schedule.next_after(*slot);
        if (!slot) break;
        out.value(to_iso8601(*slot, zone ? zone->offset_at(*slot) : std::chrono::seconds{}));
    }
    out.end_array();
    const bool counts = job.schedule_type == schedule::Type::interval;
    out.field("anchor", counts ? std::optional(job.anchor) : std::nullopt);
    out.field("runs_per_week", job.schedule.runs_per_week(asked->from));
    out.key("warnings");
    schedule::write(out, *warnings);
    out.end_object();
    return json(200, std::move(text));
}

}  // namespace cjv::web
