#pragma once
// The kinds of schedules, and what a job may choose: the words that forms, API and store share.

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

// What becomes of a fixed time that the clock skips, and of one that comes twice. A schedule that
// follows the clock (Cron::wildcard) has no such choice.
enum class Gap : std::uint8_t { after_gap, skip };
std::string_view to_text(Gap gap);
std::optional<Gap> gap_from(std::string_view text);

enum class Fold : std::uint8_t { first, both, second };
std::string_view to_text(Fold fold);
std::optional<Fold> fold_from(std::string_view text);

// What a change of the clock has to do with one slot: it stands for times that the clock skipped, or its
// wall clock time comes twice and this is the first of them, or the second.
enum class ClockChange : std::uint8_t { after_gap, first_pass, second_pass };
std::string_view to_text(ClockChange change);

struct ClockRule {
    Gap gap = Gap::after_gap;
    Fold fold = Fold::first;

    bool operator==(const ClockRule&) const = default;
};

}  // namespace cjv::schedule
