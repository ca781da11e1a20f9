#include "web/api/run_view.h"

#include <fmt/core.h>

namespace cjv::web {
namespace {

using domain::Run;
using domain::Skip;
using domain::Status;
using std::chrono::microseconds;

std::optional<microseconds> duration(const Run& run) {
    if (!run.started_at || !run.ended_at) return std::nullopt;
    return std::max(*run.ended_at - *run.started_at, microseconds{0});
}

template <class T>
void field_or_null(json::Writer& out, std::string_view key, const T& text) {
    out.key(key);
    text.empty() ? out.value(nullptr) : out.value(text);
}

void write_attempt(json::Writer& out, const domain::Attempt& attempt, domain::Reason reason) {
    out.begin_object();
    out.field("n", attempt.n);
    out.field("started_at", attempt.started_at);
    out.field("ended_at", attempt.ended_at);
    out.field("status", to_text(attempt.status));
    field_or_null(out, "reason", to_text(reason));
    field_or_null(out, "worker_name", attempt.worker);
    field_or_null(out, "error", attempt.error);
    out.end_object();
}

// A run that was tried once is its own attempt; the last of several ended as the run did.
void write_attempts(json::Writer& out, const Run& run, const std::vector<domain::Attempt>& all) {
    out.key("attempts");
    out.begin_array();
    for (const auto& attempt : all)
        write_attempt(out, attempt,
                      attempt.status == run.status ? run.reason : domain::Reason::none);
    if (all.empty() && (run.started_at || is_final(run.status)))
        write_attempt(out,
                      {.n = run.attempt,
                       .started_at = run.started_at,
                       .ended_at = run.ended_at,
                       .status = run.status,
                       .worker = run.worker,
                       .error = run.error},
                      run.reason);
    out.end_array();
}

// Celery's id of it; nothing of what Celery does not run.
std::optional<std::string> celery_task_id(const Run& run, const JobLabel& job) {
    if (!run.task_id.empty()) return run.task_id;
    return job.is_celery ? std::optional(to_text(run.id)) : std::nullopt;
}

void write_head(json::Writer& out, const RunId& id, Instant at, const JobLabel& job) {
    out.field("id", id);
    out.field("at", at);
    out.field("job", job.id);
    field_or_null(out, "job_name", job.name);
}

}  // namespace

void write_run(json::Writer& out, const Run& run, const RunViewing& viewing) {
    out.begin_object();
    write_head(out, run.id, run.at, viewing.job);
    out.key("task");
    const std::string& task = run.job ? viewing.job.task : run.task;
    run.job || !task.empty() ? out.value(task) : out.value(nullptr);
    out.field("status", to_text(run.status));
    out.field("status_display", status_display(run.status, run.cancel_requested));
    field_or_null(out, "reason", to_text(run.reason));
    out.field("trigger", to_text(run.trigger));
    out.field("attempt", run.attempt);
    out.field("scheduled_for", run.slot);
    out.field("queued_at", run.queued_at);
    out.field("received_at", run.received_at);
    out.field("run_started_at", run.started_at);
    out.field("run_ended_at", run.ended_at);
    out.field("late", run.late);
    out.field("execution_time", execution_time(run));
    out.field("duration_formatted", duration_text(duration(run)));
    if (viewing.output_message) out.field("output_message", *viewing.output_message);
    field_or_null(out, "result", run.result);
    out.field("output_size", run.output_size);
    out.field("output_cut", run.output_cut);
    field_or_null(out, "error", run.error);
    field_or_null(out, "traceback", run.traceback);
    out.field("exit_code", run.exit_code);
    out.field("celery_task_id", celery_task_id(run, viewing.job));
    field_or_null(out, "worker_name", run.worker);
    out.field("triggered_by", viewing.triggered_by);
    out.key("rerun_of");
    run.rerun_of ? out.value(*run.rerun_of) : out.value(nullptr);
    if (viewing.stages) {
        write_attempts(out, run, viewing.attempts);
        out.key("reruns");
        out.begin_array();
        for (const RunId& again : viewing.reruns) out.value(again);
        out.end_array();
        out.field("notes", json::Raw{run.notes.empty() ? std::string_view("[]") : run.notes});
        const bool lost = run.status == Status::lost;
        out.field("evidence", lost ? std::optional(run.error) : std::nullopt);
    }
    out.end_object();
}

void write_skip(json::Writer& out, const Skip& skip, const RunViewing& viewing) {
    out.begin_object();
    write_head(out, skip.id, skip.first, viewing.job);
    out.field("task", viewing.job.task);
    out.field("status", to_text(skip.status));
    out.field("status_display", status_display(skip.status, false));
    field_or_null(out, "reason", to_text(skip.reason));
    out.field("trigger", "schedule");
    out.field("attempt", 1);
    out.field("scheduled_for", skip.first);
    out.field("scheduled_until", skip.last);
    out.field("slot_count", skip.count);
    for (const auto* key : {"queued_at", "received_at", "run_started_at", "run_ended_at"})
        out.field(key, nullptr);
    out.field("late", false);
    out.field("execution_time", nullptr);
    out.field("duration_formatted", "N/A");
    if (viewing.output_message) out.field("output_message", "");
    out.field("result", nullptr);
    out.field("output_size", 0);
    out.field("output_cut", 0);
    for (const auto* key : {"error", "traceback", "exit_code", "celery_task_id", "worker_name",
                            "triggered_by", "rerun_of"})
        out.field(key, nullptr);
    if (viewing.stages) {
        out.field("attempts", json::Raw{"[]"});
        out.field("reruns", json::Raw{"[]"});
        out.field("notes", json::Raw{"[]"});
        out.field("evidence", nullptr);
    }
    out.end_object();
}

std::string_view status_display(Status status, bool cancel_requested) {
    if (cancel_requested && !is_final(status)) return "Cancelling";
    switch (status) {
        case Status::pending: return "Pending";
        case Status::queued: return "Queued";
        case Status::running: return "Running";
        case Status::retrying: return "Retrying";
        case Status::success: return "Success";
        case Status::failed: return "Failed";
        case Status::timed_out: return "Timed out";
        case Status::cancelled: return "Cancelled";
        case Status::lost: return "Lost";
        case Status::skipped: return "Skipped";
        case Status::missed: return "Missed";
    }
    return "";
}

std::string duration_text(std::optional<microseconds> duration) {
    if (!duration) return "N/A";
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*duration).count();
    const double exact = std::chrono::duration<double>(*duration).count();
    if (exact < 1) return fmt::format("{:.2f}s", exact);
    if (seconds < 60) return fmt::format("{:.1f}s", std::min(exact, 59.9));
    if (seconds < 3600) return fmt::format("{}m {}s", seconds / 60, seconds % 60);
    return fmt::format("{}h {}m", seconds / 3600, seconds / 60 % 60);
}

std::optional<double> execution_time(const Run& run) {
    const auto took = duration(run);
    if (!took) return std::nullopt;
    return std::chrono::duration<double>(*took).count();
}

}  // namespace cjv::web
