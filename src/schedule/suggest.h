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

}  // namespace cjv::schedule
