#include "monitor/news.h"

#include "celery/failure.h"

namespace cjv::monitor {
namespace {

using celery::FailureKind;
using celery::Sighting;
using celery::TaskAttempt;
using celery::TaskPhase;
using celery::TaskSummary;
using domain::Attempt;
using domain::Reason;
using domain::Status;
using store::TaskNews;

struct Verdict {
    Status status;
    Reason reason = Reason::none;
};

Verdict verdict_on(FailureKind kind) {
    switch (kind) {
        case FailureKind::time_limit:
        case FailureKind::soft_time_limit: return {Status::timed_out};
        case FailureKind::not_registered: return {Status::failed, Reason::not_registered};
        case FailureKind::rejected: return {Status::failed, Reason::rejected};
        case FailureKind::exception:
        case FailureKind::worker_lost: break;
    }
    return {Status::failed, Reason::exception};
}

std::optional<Verdict> verdict_on(const TaskSummary& summary) {
    switch (summary.phase) {
        case TaskPhase::unknown: return std::nullopt;
        case TaskPhase::sent:
        case TaskPhase::received: return Verdict{Status::queued};
        case TaskPhase::started: return Verdict{Status::running};
        case TaskPhase::retrying: return Verdict{Status::retrying};
        case TaskPhase::succeeded: return Verdict{Status::success};
        case TaskPhase::rejected: return Verdict{Status::failed, Reason::rejected};
        case TaskPhase::revoked:
            if (summary.last.end->expired) return Verdict{Status::missed, Reason::expired};
            return Verdict{Status::cancelled, Reason::revoked};
        case TaskPhase::failed: break;
    }
    const Sighting& end = *summary.last.end;
    return verdict_on(celery::read_failure(end.exception, end.traceback).kind);
}

std::string last_line(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    return std::string(text.substr(text.rfind('\n') + 1));  // npos + 1 is 0
}

// From Celery 5.3 on a killed child is told as an exception that says nothing; its traceback's end does.
std::string error_of(const Sighting& end) {
    if (end.exception.starts_with("ExceptionWithTraceback") && !end.traceback.empty())
        return last_line(end.traceback);
    return end.exception;
}

Attempt attempt_of(const TaskAttempt& told, int n, Status status) {
    return {.n = n,
            .received_at = told.received_at,
            .started_at = told.started_at,
            .ended_at = told.ended_at,
            .status = status,
            .worker = told.worker,
            .error = told.end ? error_of(*told.end) : std::string()};
}

void add_attempts(TaskNews& news, const TaskSummary& summary) {
    if (summary.earlier.empty()) return;
    int n = news.attempt - static_cast<int>(summary.earlier.size());
    for (const TaskAttempt& told : summary.earlier)
        news.attempts.push_back(attempt_of(told, n++, Status::retrying));
    const bool has_begun = news.status != Status::retrying || summary.last.received_at;
    if (has_begun)
        news.attempts.push_back(attempt_of(
            summary.last, n, news.status == Status::retrying ? Status::queued : news.status));
}

void add_notes(TaskNews& news, const TaskSummary& summary) {
    const auto add = [&](std::string_view sentence) {
        news.note += (news.note.empty() ? "" : " ") + std::string(sentence);
    };
    if (summary.redelivered) add("It was started more than once: the broker delivered it again.");
    if (summary.disputed)
        add("Workers told more than one end of it; the first that counts is kept.");
    if (summary.crowded) add("It had more attempts than are kept here.");
}

std::string error_of(const celery::TaskException& exception) {
    return exception.message.empty() ? exception.type : exception.type + ": " + exception.message;
}

bool is_failed(Status status) { return status == Status::failed || status == Status::timed_out; }

std::optional<Verdict> verdict_on(const celery::TaskResult& result) {
    if (result.state == "SUCCESS") return Verdict{Status::success};
    if (result.state == "FAILURE")
        return verdict_on(celery::failure_kind(result.exception ? result.exception->type : ""));
    if (result.state != "REVOKED") return std::nullopt;
    const bool expired = result.exception && result.exception->message == "expired";
    return expired ? Verdict{Status::missed, Reason::expired}
                   : Verdict{Status::cancelled, Reason::revoked};
}

std::string text_of(const celery::TaskResult& result) {
    return result.result.empty() ? result.unshown : result.result;
}

}  // namespace

std::optional<TaskNews> news_of(std::string_view task_id, const celery::TaskState& task,
                                Instant seen_at) {
    const TaskSummary summary = task.summary();
    const auto verdict = verdict_on(summary);
    if (!verdict) return std::nullopt;
    const TaskAttempt& first = summary.earlier.empty() ? summary.last : summary.earlier.front();
    TaskNews news{.task_id = std::string(task_id),
                  .task = task.name(),
                  .seen_at = seen_at,
                  .status = verdict->status,
                  .reason = verdict->reason,
                  .attempt = static_cast<int>(std::min<std::int64_t>(summary.attempt, 1'000'000)),
                  .sent_at = summary.sent_at,
                  .received_at = first.received_at,
                  .started_at = first.started_at,
                  .worker = summary.last.worker.empty() ? first.worker : summary.last.worker};
    if (const auto& end = summary.last.end) {
        news.ended_at = end->at;
        news.result = end->result;
        news.error = error_of(*end);
        news.traceback = end->traceback;
        if (verdict->reason == Reason::not_registered && news.task.empty())
            news.task = celery::read_failure(end->exception, end->traceback).task_name;
        if (verdict->reason == Reason::rejected && news.error.empty())
            news.error = "The task rejected its message.";
        add_notes(news, summary);
    } else if (news.status == Status::retrying) {
        news.error = error_of(*summary.earlier.back().end);
    }
    settle_expiry(news, news.started_at.has_value());
    add_attempts(news, summary);
    return news;
}

void settle_expiry(TaskNews& news, bool has_begun) {
    if (news.status != Status::missed || !has_begun) return;
    news.status = Status::cancelled;
    news.reason = Reason::revoked;
    news.error = "It expired before its next attempt.";
}

void add_result(TaskNews& news, const celery::ReadResult& stored) {
    if (!stored.result) {
        if (!stored.opaque.label.empty() && news.result.empty() && news.status == Status::success)
            news.result = "(" + stored.opaque.label + ": not decoded)";
        return;
    }
    const celery::TaskResult& result = *stored.result;
    if (news.status == Status::success && result.state == "SUCCESS") {
        news.result = text_of(result);
    } else if (is_failed(news.status) && result.state == "FAILURE" && result.exception) {
        if (news.reason != Reason::rejected) {
            const auto verdict = verdict_on(celery::failure_kind(result.exception->type));
            news.status = verdict.status;
            news.reason = verdict.reason;
        }
        news.error = error_of(*result.exception);
        if (!result.traceback.empty()) news.traceback = result.traceback;
        if (!news.attempts.empty()) news.attempts.back().error = news.error;
    }
    if (news.task.empty()) news.task = result.name;
}

std::optional<TaskNews> news_of(std::string_view task_id, const celery::ReadResult& stored,
                                Instant now) {
    if (!stored.result) return std::nullopt;
    const celery::TaskResult& result = *stored.result;
    const auto verdict = verdict_on(result);
    if (!verdict) return std::nullopt;
    TaskNews news{.task_id = std::string(task_id),
                  .task = result.name,
                  .seen_at = now,
                  .status = verdict->status,
                  .reason = verdict->reason,
                  .attempt = static_cast<int>(result.retries.value_or(0)) + 1,
                  .ended_at = result.date_done.value_or(now),
                  .worker = result.worker,
                  .traceback = result.traceback,
                  .result = text_of(result)};
    if (result.exception && news.status != Status::success)
        news.error = error_of(*result.exception);
    return news;
}

}  // namespace cjv::monitor
