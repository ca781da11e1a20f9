#pragma once
// Why a text is not a schedule: enough to underline the piece and to say what would be right.

#include "schedule/type.h"

#include <expected>
#include <optional>
#include <string>

namespace cjv::schedule {

// What was meant, to be applied as a whole. What is not set stays as it was asked.
struct Suggestion {
    std::string schedule = {};
    std::string timezone = {};
    std::optional<DayMatch> day_match = {};
    std::optional<Type> type = {};
    int year = 0;  // start_at and end_at: those of this year; 0: as they are
};

struct Refusal {
    std::string field = {};    // "hour"; empty: the text as a whole
    int column = 0;            // 1-based, in characters; 0: the text as a whole
    std::string code = {};     // from the closed list of docs/reference/schedules.md
    std::string message = {};  // "25 is out of range 0-23"
    std::string hint = {};
    std::optional<Suggestion> suggest = {};  // only where the meaning is clear
};

// "2027-01-01", as a body of the API has the start of a year.
std::string start_of_year(int year);

template <class T>
using Parsed = std::expected<T, Refusal>;

// "hour field, column 3: 25 is out of range 0-23; write 1": the same words in API, CLI and form.
std::string sentence(const Refusal& refusal);

}  // namespace cjv::schedule
