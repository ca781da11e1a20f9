#include "web/api/schedules.h"

#include "base/iso8601.h"
#include "domain/fields.h"
#include "domain/job_json.h"
#include "schedule/json.h"

namespace cjv::web {
namespace {

struct Asked {
    domain::Job job;  // of which only the schedule is set
    Instant from{};
    std::int64_t count = 5;
};

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
    if (fields.has_value("hash_key")) how.hash_key = fields.text("hash_key");
    asked.from =
        fields.has_value("from") ? fields.instant("from").value_or(request.now) : request.now;
    asked.count = fields.integer("count", {.low = 0, .high = 100}).value_or(5);

    auto job =
        domain::read_schedule(*body, how, {"from", "count", "hash_key", "csrfmiddlewaretoken"});
    if (!job) errors.insert(errors.end(), job.error().fields.begin(), job.error().fields.end());
    if (!errors.empty()) return domain::refuse_all(std::move(errors));
    asked.job = std::move(*job);
    return asked;
}

}  // namespace

Response preview_schedule(const Request& request, Context& app) {
    const auto asked = read_asked(request, app);
    if (!asked) return problem(request, asked.error());
    const domain::Job& job = asked->job;
    const auto zone = app.zones.find(job.timezone);

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
    schedule::write(out, job.schedule.warnings(asked->from, job.schedule_text));
    out.end_object();
    return json(200, std::move(text));
}

}  // namespace cjv::web
