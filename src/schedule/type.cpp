#include "schedule/type.h"

#include <algorithm>
#include <array>

namespace cjv::schedule {
namespace {

constexpr std::array<std::string_view, 5> kTypes = {"cron", "interval", "clocked", "solar",
                                                    "manual"};
constexpr std::array<std::string_view, 2> kDayMatches = {"either", "both"};
constexpr std::array<std::string_view, 2> kGaps = {"after_gap", "skip"};
constexpr std::array<std::string_view, 3> kFolds = {"first", "both", "second"};
constexpr std::array<std::string_view, 3> kClockChanges = {"after_gap", "first_pass",
                                                           "second_pass"};

std::size_t place(auto value) { return static_cast<std::size_t>(value); }

template <class Enum, std::size_t N>
std::optional<Enum> named(std::string_view text, const std::array<std::string_view, N>& names) {
    const auto at = std::ranges::find(names, text);
    if (at == names.end()) return std::nullopt;
    return static_cast<Enum>(at - names.begin());
}

}  // namespace

std::string_view to_text(Type type) { return kTypes[place(type)]; }
std::optional<Type> type_from(std::string_view text) { return named<Type>(text, kTypes); }
std::string_view to_text(DayMatch match) { return kDayMatches[place(match)]; }
std::optional<DayMatch> day_match_from(std::string_view text) {
    return named<DayMatch>(text, kDayMatches);
}
std::string_view to_text(Gap gap) { return kGaps[place(gap)]; }
std::optional<Gap> gap_from(std::string_view text) { return named<Gap>(text, kGaps); }
std::string_view to_text(ClockChange change) { return kClockChanges[place(change)]; }
std::string_view to_text(Fold fold) { return kFolds[place(fold)]; }
std::optional<Fold> fold_from(std::string_view text) { return named<Fold>(text, kFolds); }

}  // namespace cjv::schedule
