#include "web/api/job_text.h"

#include "base/json.h"

namespace cjv::web {
namespace {

std::string write_definition(const domain::Job& job) {
    std::string text;
    json::Writer out(text);
    out.field("id", job.id);
    out.field("name", job.name);
    out.field("description", job.description);
    out.field("kind", to_text(job.kind));
    out.field("task", job.task);
    out.field("target", json::Raw{job.target});

    out.field("schedule", job.schedule_text);
    out.field("schedule_type", to_text(job.schedule_type));
    const bool is_parsed = job.schedule.type() == job.schedule_type;
    out.field("schedule_display", is_parsed ? job.schedule.words() : job.schedule_text);
    out.field("timezone", job.timezone);
    out.field("day_match", to_text(job.day_match));
    const bool counts = job.schedule_type == schedule::Type::interval;
    out.field("anchor", counts ? std::optional(job.anchor) : std::nullopt);
    out.field("dst_gap", to_text(job.clock.gap));
    out.field("dst_fold", to_text(job.clock.fold));
    out.field("is_active", job.is_active);
    out.field("paused", nullptr);
    out.field("priority", job.priority);
    out.key("tags");
    out.begin_array();
    for (const std::string& tag : job.tags) out.value(tag);
    out.end_array();
    out.field("custom_fields", json::Raw{job.custom_fields});

    out.field("start_at", job.window.start_at());
    out.field("end_at", job.window.end_at());
    out.field("max_runs",
              nullptr);  // fields of later versions show the one value that they may have
    out.field("misfire", to_text(job.misfire));
    out.field("misfire_window", job.misfire_window);
    out.field("misfire_limit", job.misfire_limit);
    out.field("overlap", to_text(job.overlap));
    out.field("on_lost", "fail");
    out.field("jitter", 0);
    out.field("grace", job.grace);
    out.field("timeout", job.timeout);
    out.field("retries", 0);
    out.field("retry_delay", 0);
    out.field("dispatch_deadline", nullptr);
    out.field("created_at", job.created_at);
    out.field("updated_at", job.updated_at);
    out.field("version", job.version);
    return text;
}

}  // namespace

JobTexts::Text JobTexts::definition(const std::shared_ptr<const domain::Job>& job) {
    {
        const std::scoped_lock lock(mutex_);
        const auto kept = kept_.find(job->id);
        if (kept != kept_.end() && kept->second.job == job) return kept->second.text;
    }
    auto text = std::make_shared<const std::string>(write_definition(*job));
    const std::scoped_lock lock(mutex_);
    // Who walks through all jobs pays for it; what is looked at again and again is soon back.
    if (kept_.size() >= kMost && !kept_.contains(job->id)) kept_.clear();
    kept_[job->id] = {job, text};
    return text;
}

}  // namespace cjv::web
