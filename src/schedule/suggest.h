#pragma once
// What a refused text was meant to be: texts of other programs, and slips of the hand.

#include "schedule/refusal.h"

#include <functional>
#include <optional>
#include <string_view>

namespace cjv::schedule {

// The first rewriting of `text` that `accepts` takes for a schedule; nothing when none is clear.
std::optional<Suggestion> suggestion_for(std::string_view text,
                                         const std::function<bool(const Suggestion&)>& accepts);

// "every 300 seconds" of "300", "every 5 minutes" of "5 minutes" or "@every 5 minutes".
std::optional<Suggestion> as_interval(std::string_view text);

// Of what other programs write as a field of years: 2027 of "2027". Nothing when it is no year from 1970 to 2199.
std::optional<int> year_of(std::string_view word);

}  // namespace cjv::schedule
