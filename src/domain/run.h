#pragma once
// One execution record: its statuses, the reasons for them, and which status may follow which. How
// its id is made is run_id.h's business.

#include "base/clock.h"
#include "base/id.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::domain {

// Stored as text; the order serves arrays alone.
enum class Status : std::uint8_t {
    pending,   // recorded, not yet handed over
    queued,    // the broker or the local queue has it
    running,   // started
    retrying,  // waits for the next attempt
    success,   // from here on: final
    failed,
    timed_out,
    cancelled,
    lost,     // the executor is gone without a word; Run::error names the evidence
    skipped,  // we chose not to run the slot
    missed,   // it should have run and could not
};
constexpr std::size_t kStatuses = 11;

enum class Reason : std::uint8_t {
    none,
    // pending
    waiting_overlap,
    broker_away,
    no_local_slot,
    // cancelled
    by_user,
    revoked,
    shutdown,
    replaced,
    ignored,
    // failed
    exit_code,
    signal,
    exception,
    http_status,
    expectation,
    spawn_error,
    rejected,
    not_registered,
    undeliverable,
    // lost
    process_gone,
    worker_gone,
    server_crashed,
    no_end_seen,
    // skipped
    paused,
    overlap,
    skip_next,
    buffer_full,
    calendar,
    dependency,
    quota,
    // missed
    server_down,
    stalled,
    no_leader,
    dispatch_deadline,
    expired,
};

enum class Trigger : std::uint8_t { schedule, catch_up, manual, api, retry, rerun, external };

std::string_view to_text(Status status);
std::string_view to_text(Reason reason);  // none is ""
std::string_view to_text(Trigger trigger);
std::optional<Status> status_from(std::string_view text);
std::optional<Reason> reason_from(std::string_view text);
std::optional<Trigger> trigger_from(std::string_view text);

bool is_final(Status status);
// Final, and counted as a failure in statistics: failed, timed_out, lost.
bool is_failure(Status status);
// Whether `after` may come next in a run's history (docs/design/run-states.md). A status never
// follows itself: a change of reason alone is no edge.
bool may_follow(Status before, Status after);

// Which process ran it. Pids are reused: only all three together name one.
struct ProcessId {
    std::int64_t pid = 0;
    std::int64_t start_time = 0;  // clock ticks since boot, field 22 of /proc/PID/stat
    std::string boot_id = {};     // /proc/sys/kernel/random/boot_id

    bool operator==(const ProcessId&) const = default;
};

// One try of a run that had more than one.
struct Attempt {
    int n = 1;  // 1, 2, 3 …
    std::optional<Instant> received_at = {};
    std::optional<Instant> started_at = {};
    std::optional<Instant> ended_at = {};
    Status status = Status::running;  // retrying: it failed, and another try followed
    std::string worker = {};
    std::string error = {};

    bool operator==(const Attempt&) const = default;
};

// A run as it is stored, without its output's bytes. Ranges of slots that did not run are Skip.
struct Run {
    RunId id;
    JobNumber job;                // 0: only observed, a task that others sent
    std::optional<Instant> slot;  // nothing: asked for, or only observed
    Instant at{};                 // the slot, or the moment it was asked for or seen
    Trigger trigger = Trigger::schedule;
    Status status = Status::pending;
    Reason reason = Reason::none;
    bool cancel_requested = false;
    bool late = false;  // started after its job's grace
    int attempt = 1;

    std::optional<Instant> decided_at = {};
    std::optional<Instant> queued_at = {};
    std::optional<Instant> received_at = {};
    std::optional<Instant> started_at = {};
    std::optional<Instant> ended_at = {};

    std::string worker = {};
    std::optional<ProcessId> process = {};
    std::optional<int> exit_code = {};
    std::string error = {};  // one line for people; of a lost run the evidence
    std::string traceback = {};
    std::string result = {};
    std::uint64_t output_size = 0;  // bytes that the run printed
    std::uint64_t output_cut = 0;   // of them, bytes that were not kept
    std::string overrides = {};     // JSON object of run_now's arguments ("env", …); empty: none
    std::string notes =
        {};  // JSON array of {"at", "text"}: late news, processes left alone; empty: none
    UserNumber asked_by = {};
    std::optional<RunId> rerun_of = {};
    // Of an observed run: the task's name, as far as anybody told it, and its id.
    std::string task = {};
    std::string task_id = {};
    // Of a run that a broker is known to have taken: its list there, and the number of the batch on it; without
    // the number it is not known any more whether the message is still there.
    std::string list = {};
    std::int64_t batch = 0;
};

// A range of one job's slots that did not run, all for one reason, within one UTC day.
struct Skip {
    RunId id;  // the slot id of the first slot
    JobNumber job;
    Instant first{}, last{};
    std::int64_t count = 0;
    Status status = Status::skipped;  // skipped or missed
    Reason reason = Reason::none;
};

}  // namespace cjv::domain
