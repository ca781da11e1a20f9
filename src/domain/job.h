#pragma once
// A job: what someone wants done. Reading one from JSON, field by field, is job_json.h's business;
// what happens at its slots is plan.h's.

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "schedule/schedule.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::domain {

enum class Kind : std::uint8_t { command, http, celery, internal };
enum class Misfire : std::uint8_t { none, latest, all };
enum class Overlap : std::uint8_t { allow, skip, queue_one, queue_all, cancel_running };

std::string_view to_text(Kind kind);
std::string_view to_text(Misfire misfire);
std::string_view to_text(Overlap overlap);
std::optional<Kind> kind_from(std::string_view text);
std::optional<Misfire> misfire_from(std::string_view text);
std::optional<Overlap> overlap_from(std::string_view text);

// The default of a kind: local runs do not pile up, Celery's may.
Overlap default_overlap(Kind kind);

// A definition. Immutable once it is on the board; an edit makes a new one with the next version.
struct Job {
    Uuid id;
    std::string name;  // unique, 1 to 200 characters
    std::string description;
    Kind kind = Kind::command;
    std::string task;    // what lists show: the command, the task's name, the action
    std::string target;  // JSON object, its shape set by the kind; numbers digit for digit

    std::string schedule_text;  // as typed; empty: by hand only
    schedule::Type schedule_type = schedule::Type::manual;
    std::string timezone = "UTC";
    schedule::DayMatch day_match = schedule::DayMatch::either;
    Instant anchor{};             // of an interval
    schedule::ClockRule clock;    // of cron expressions with fixed times: dst_gap, dst_fold
    schedule::Window window;      // start_at, end_at: whole seconds
    schedule::Schedule schedule;  // parsed from the seven above

    bool is_active = true;
    std::int64_t priority = 0;
    std::vector<std::string> tags;
    std::string custom_fields = "{}";  // JSON object

    Misfire misfire = Misfire::latest;
    std::int64_t misfire_window = 86'400;  // seconds
    std::int64_t misfire_limit = 100;
    Overlap overlap = Overlap::skip;
    std::int64_t grace = 60;              // seconds
    std::optional<std::int64_t> timeout;  // seconds

    UserNumber owner;  // 0: "system", for our own chores
    Instant created_at{};
    Instant updated_at{};
    std::int64_t version = 1;
};

// What a `command` runs.
struct CommandTarget {
    std::vector<std::string> argv = {};
    std::map<std::string, std::string> env = {};
    std::string cwd = {};
    bool shell = false;
    std::string stdin_text = {};
    std::vector<int> success_codes = {0};
};
// Reads the stored target of a job whose kind is `command`; `corrupt` when it is not one.
Result<CommandTarget> command_target(const Job& job);

enum class InternalAction : std::uint8_t { clean_up, health_check };
std::string_view to_text(InternalAction action);
struct InternalTarget {
    InternalAction action = InternalAction::health_check;
    std::optional<std::int64_t> days = {};  // clean_up: instead of retention.days
};
Result<InternalTarget> internal_target(const Job& job);

}  // namespace cjv::domain
