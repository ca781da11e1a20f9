#pragma once
// What the API shows of a job. Reading one from a body is domain/job_json's business.

#include <chrono>
#include <functional>
#include <optional>

#include "base/json.h"
#include "domain/board.h"
#include "domain/user.h"
#include "schedule/zones.h"
#include "web/api/job_text.h"

namespace cjv::web {

// What a view needs besides the entry.
struct JobViewing {
    const schedule::Zones& zones;
    JobTexts& texts;
    // Nothing: the owner is gone, or the job is ours.
    std::function<std::optional<domain::User>(UserNumber)> find_user;
};

// Appends the members of a Job (docs/reference/openapi.yaml) to the object that is open in `out`.
void write_job_members(json::Writer& out, const domain::Entry& entry, const JobViewing& viewing);
// The whole object.
void write_job(json::Writer& out, const domain::Entry& entry, const JobViewing& viewing);

// The wall clock of a zone: "2026-12-01T02:00:00", and with a blank for people.
std::string local_text(Instant at, std::chrono::seconds offset, char between = 'T');
// "+02:00"; with seconds where a zone has them.
std::string offset_text(std::chrono::seconds offset);

// Quoted and strong: definition only, runs and counters do not move it.
std::string etag_of(const domain::Job& job);

}  // namespace cjv::web
