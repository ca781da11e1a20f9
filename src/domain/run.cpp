#include "domain/run.h"

#include <array>
#include <initializer_list>

namespace cjv::domain {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, kStatuses> kStatusTexts = {
    "pending",   "queued",    "running", "retrying", "success", "failed",
    "timed_out", "cancelled", "lost",    "skipped",  "missed"};
constexpr std::array<std::string_view, 7> kTriggerTexts = {"schedule", "catch_up", "manual",  "api",
                                                           "retry",    "rerun",    "external"};
constexpr std::array<std::string_view, 34> kReasonTexts = {"",
                                                           "waiting_overlap",
                                                           "broker_away",
                                                           "no_local_slot",
                                                           "by_user",
                                                           "revoked",
                                                           "shutdown",
                                                           "replaced",
                                                           "ignored",
                                                           "exit_code",
                                                           "signal",
                                                           "exception",
                                                           "http_status",
                                                           "expectation",
                                                           "spawn_error",
                                                           "rejected",
                                                           "not_registered",
                                                           "undeliverable",
                                                           "process_gone",
                                                           "worker_gone",
                                                           "server_crashed",
                                                           "no_end_seen",
                                                           "paused",
                                                           "overlap",
                                                           "skip_next",
                                                           "buffer_full",
                                                           "calendar",
                                                           "dependency",
                                                           "quota",
                                                           "server_down",
                                                           "stalled",
                                                           "no_leader",
                                                           "dispatch_deadline",
                                                           "expired"};
static_assert(kStatusTexts.size() == std::size_t(Status::missed) + 1);
static_assert(kTriggerTexts.size() == std::size_t(Trigger::external) + 1);
static_assert(kReasonTexts.size() == std::size_t(Reason::expired) + 1);

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& texts, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i)
        if (texts[i] == text) return static_cast<Enum>(i);
    return std::nullopt;
}

using Statuses = std::uint16_t;  // bit n: the status with that number
constexpr Statuses bit(Status status) { return Statuses(1U << unsigned(status)); }
constexpr Statuses set(std::initializer_list<Status> statuses) {
    Statuses all = 0;
    for (const Status status : statuses) all |= bit(status);
    return all;
}

constexpr Statuses kEnds = set({Status::success, Status::failed, Status::timed_out,
                                Status::cancelled, Status::lost, Status::skipped, Status::missed});
constexpr Statuses kFailures = set({Status::failed, Status::timed_out, Status::lost});

constexpr Statuses after(Status before) {
    switch (before) {
        case Status::pending:
            return set({Status::queued, Status::cancelled, Status::missed, Status::skipped,
                        Status::failed, Status::lost, Status::retrying});
        case Status::queued: return kEnds | set({Status::running, Status::retrying});
        case Status::running:
            return (kEnds & ~set({Status::skipped, Status::missed})) | bit(Status::retrying);
        case Status::retrying:
            return set({Status::pending, Status::queued, Status::running, Status::cancelled,
                        Status::failed, Status::lost});
        default: return 0;  // ends
    }
}

}  // namespace

std::string_view to_text(Status status) { return kStatusTexts[std::size_t(status)]; }
std::string_view to_text(Reason reason) { return kReasonTexts[std::size_t(reason)]; }
std::string_view to_text(Trigger trigger) { return kTriggerTexts[std::size_t(trigger)]; }

std::optional<Status> status_from(std::string_view text) {
    return find<Status>(kStatusTexts, text);
}
std::optional<Reason> reason_from(std::string_view text) {
    return find<Reason>(kReasonTexts, text);
}
std::optional<Trigger> trigger_from(std::string_view text) {
    return find<Trigger>(kTriggerTexts, text);
}

bool is_final(Status status) { return kEnds & bit(status); }
bool is_failure(Status status) { return kFailures & bit(status); }
bool may_follow(Status before, Status next) { return after(before) & bit(next); }

}  // namespace cjv::domain
