#include "monitor/verdict.h"

#include <fmt/format.h>

#include "base/iso8601.h"
#include "base/json.h"
#include "monitor/news.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;
using celery::WorkerPhase;
using domain::Reason;
using domain::Run;
using domain::Status;
using store::TaskNews;

constexpr auto kSettle = 2s;      // what a worker told before it went is on its way no longer
constexpr auto kLongEnough = 3s;  // a run that is open for less is nobody's trouble
constexpr int kUnknownTwice = 2;
constexpr auto kOnTheirWay = 2s;  // events of an end come this long after its result at most

TaskNews ended(const Run& run, const Evidence& evidence, Status status, Reason reason) {
    return {.task_id = task_id_of(run),
            .seen_at = evidence.now,
            .status = status,
            .reason = reason,
            .attempt = run.attempt,
            .ended_at = evidence.now};
}

TaskNews lost(const Run& run, const Evidence& evidence, Reason reason, std::string why) {
    TaskNews news = ended(run, evidence, Status::lost, reason);
    news.error = std::move(why);
    return news;
}

bool ignores_result(const domain::Entry* entry) {
    if (!entry) return false;
    const auto target = json::parse(entry->job->target);
    if (!target) return false;
    const auto ignore = target->find("ignore_result");
    return ignore && ignore->as_bool().value_or(false);
}

// Why its worker cannot end it any more; empty: it may.
std::string gone(const Evidence& evidence) {
    if (!evidence.worker) return {};
    const Worker& worker = *evidence.worker;
    // Both by the worker's clock.
    if (worker.state.online_since() && evidence.started_at &&
        *worker.state.online_since() > *evidence.started_at)
        return fmt::format(
            "The worker {} was started again at {}, after the run's start. No result is stored.",
            worker.name, to_iso8601(*worker.state.online_since()));
    if (worker.phase < WorkerPhase::offline || evidence.now - worker.state.last_seen() < kSettle)
        return {};
    return fmt::format("The worker {} is offline: it was last heard of at {}. No result is stored.",
                       worker.name, to_iso8601(worker.state.last_seen()));
}

// By our clock: no event was missed since it was sent, or first seen.
bool none_missed(const Run& run, const Evidence& evidence) {
    const auto& begun = run.job ? run.queued_at : run.decided_at;
    return evidence.complete_since && begun && *begun >= *evidence.complete_since;
}

// Before a task that runs in a thread Celery's buffer of events has no lock, and drops one now and then.
bool may_drop_events(const Evidence& evidence) {
    if (!evidence.worker) return true;
    const auto& stats = evidence.worker->answers->stats;
    return stats && stats->pool != "prefork" && stats->pool != "solo";
}

TaskNews forgotten(const Run& run, const domain::Entry* entry, const Evidence& evidence) {
    const std::string what = fmt::format(
        "It started, and its worker {} does not know it any more; no end was told and no result is "
        "stored",
        run.worker);
    if (may_drop_events(evidence))
        return lost(
            run, evidence, Reason::no_end_seen,
            what + ". Its worker's pool is not one of processes: such a worker may drop events.");
    const bool heard_all = none_missed(run, evidence);
    if (!heard_all || ignores_result(entry))
        return lost(run, evidence, Reason::no_end_seen,
                    what + (heard_all ? ", because the job ignores it."
                                      : ". Events were missed since it was sent."));
    TaskNews news = ended(run, evidence, Status::cancelled, Reason::ignored);
    news.note = what + ": the task raised Ignore or Reject.";
    return news;
}

// Its events are on their way, which say more: when it began, and where.
bool is_just_stored(const Run& run, const Evidence& evidence) {
    const auto& result = evidence.stored.result;
    return !run.started_at && result && result->date_done && none_missed(run, evidence) &&
           evidence.now - *result->date_done < kOnTheirWay;
}

// From Celery 5.6.2 on every worker that hears of a revoke stores it as the result at once, also of a task that
// runs and goes on, or waits where a worker that did not hear it may take it.
bool is_hearsay(const Run& run, const TaskNews& news, const Evidence& evidence) {
    if (news.status != Status::cancelled) return false;
    if (run.status != Status::running) return none_missed(run, evidence);  // its event will come
    return evidence.unknown < kUnknownTwice && gone(evidence).empty();
}

}  // namespace

std::string task_id_of(const Run& run) {
    return run.task_id.empty() ? to_text(run.id) : run.task_id;
}

std::optional<Instant> deadline_of(const Run& run, const domain::Entry* entry) {
    const auto from = run.started_at ? run.started_at : run.queued_at;
    if (!entry || !entry->job->timeout || !from) return std::nullopt;
    return *from + std::chrono::seconds{*entry->job->timeout};
}

std::optional<TaskNews> verdict_on(const Run& run, const domain::Entry* entry,
                                   const Evidence& evidence) {
    auto news = news_of(task_id_of(run), evidence.stored, evidence.now);
    if (news && is_just_stored(run, evidence)) return std::nullopt;
    if (news && !is_hearsay(run, *news, evidence)) {
        settle_expiry(*news, run.started_at.has_value());
        return news;
    }
    if (const auto deadline = deadline_of(run, entry); deadline && *deadline <= evidence.now)
        return lost(
            run, evidence, Reason::no_end_seen,
            fmt::format("No end was seen within its timeout of {} s after it was {}, and no "
                        "result is stored.",
                        *entry->job->timeout, run.started_at ? "started" : "sent"));
    if (run.status != Status::running) return std::nullopt;
    if (std::string why = gone(evidence); !why.empty())
        return lost(run, evidence, Reason::worker_gone, std::move(why));
    if (evidence.unknown >= kUnknownTwice) return forgotten(run, entry, evidence);
    return std::nullopt;
}

bool is_worth_asking(const Run& run, const Evidence& evidence) {
    return run.status == Status::running && evidence.started_at &&
           evidence.now - *evidence.started_at >= kLongEnough && evidence.worker &&
           evidence.worker->phase == WorkerPhase::online;
}

bool is_worth_seeking(const Run& run, const Evidence& evidence) {
    return run.status == Status::queued && run.queued_at &&
           evidence.now - *run.queued_at >= kLongEnough;
}

TaskNews found_running(const Run& run, const std::string& worker, std::optional<Instant> started_at,
                       Instant now) {
    return {.task_id = task_id_of(run),
            .seen_at = now,
            .status = Status::running,
            .attempt = run.attempt,
            .started_at = started_at.value_or(now),
            .worker = worker};
}

}  // namespace cjv::monitor
