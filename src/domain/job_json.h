#pragma once
// A body of POST, PUT or PATCH becomes a job: every field checked, everything that is wrong
// reported at once. What the API shows of a job is web/api/job_view's business.

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "domain/job.h"
#include "domain/rights.h"
#include "domain/target_json.h"
#include "domain/user.h"
#include "schedule/zones.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace cjv::domain {

// What reading needs besides the body.
struct JobReading {
    const Job* before = nullptr;  // null: a new job
    bool partial = false;         // PATCH: what is absent stays; PUT and POST: it takes its default
    Instant now{};
    const schedule::Zones* zones = nullptr;
    const User* user = nullptr;  // who asks
    CommandsBy commands_by = CommandsBy::superusers;
    bool shell_allowed = false;     // runner.shell
    TargetCheck celery_check = {};  // see target_json.h
    // Of a new job: whose schedule may be as it is, also when it is over.
    const Job* stored = nullptr;
    std::optional<std::string> hash_key = {};  // what `H` hashes; nothing: the job's id
};

// What is not built yet and has no words: its default, which GET shows and a body may repeat.
inline constexpr std::int64_t kRetryDelay = 0;

// The job as it would be. `bad_input` lists every refused field (unknown ones with the nearest
// known name as hint, what is not built yet as "Not available in this version."); `forbidden` when
// a command's target is touched by somebody who may not. Uniqueness of the name and the existence
// of an owner are the store's to check. Does not set id (new jobs), version or times of a change. A new job has no
// id yet, and `H` in its schedule hashes none: whoever sets the id parses again.
Result<Job> read_job(const json::Value& body, const JobReading& how);

// The fields of a schedule alone, as of a new job, from a body that may have `others` besides. Only they are
// set in the job that comes back.
Result<Job> read_schedule(const json::Value& body, const JobReading& how,
                          std::initializer_list<std::string_view> others);

// Parses `job.schedule` from its text, type, zone, day match, anchor, clock rule and window; used by read_job
// and at load.
Result<void> parse_schedule(Job& job, const schedule::Zones& zones);

}  // namespace cjv::domain
