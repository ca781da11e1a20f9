#pragma once
// One line of `schedule check --jsonl`: a question about a schedule, and its answer. docs/reference/cli.md
// names the fields.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "schedule/schedule.h"
#include "schedule/zones.h"

namespace cjv::cli {

// Appends one JSON object, without a line end. Whatever is wrong with `line` is in the answer.
void answer(std::string& out, std::string_view line, const schedule::Zones& zones, Instant now);

// {"ok": false, "error": {"field": null, "column": null, "code": "bad-request", "message": …}}
void answer_bad_request(std::string& out, std::string_view message);

// The members "schedule_type", "words", "next" and "warnings" of an answer, into an object that is open.
struct Told {
    const schedule::Schedule& schedule;
    std::string_view text;
    const schedule::Zone* zone;  // null: UTC
    Instant from;
    int count;
};
void write_told(json::Writer& out, const Told& told);

// For people: "0 9 * * * (timezone Europe/Berlin)".
std::string told(const schedule::Suggestion& suggestion);

}  // namespace cjv::cli
