#pragma once
// The kinds of schedules, and how two day fields combine: the words that forms, API and store share.

#include <cstdint>
#include <optional>
#include <string_view>

namespace cjv::schedule {

enum class Type : std::uint8_t { cron, interval, clocked, solar, manual };
std::string_view to_text(Type type);
std::optional<Type> type_from(std::string_view text);

// How the two day fields of a cron expression combine when both are restricted.
enum class DayMatch : std::uint8_t { either, both };
std::string_view to_text(DayMatch match);
std::optional<DayMatch> day_match_from(std::string_view text);

}  // namespace cjv::schedule
