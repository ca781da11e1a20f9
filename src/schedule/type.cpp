#include "schedule/type.h"

#include <algorithm>
#include <array>

namespace cjv::schedule {
namespace {

constexpr std::array<std::string_view, 5> kTypes = {"cron", "interval", "clocked", "solar",
                                                    "manual"};
constexpr std::array<std::string_view, 2> kDayMatches = {"either", "both"};

template <class Enum, std::size_t N>
std::optional<Enum> named(std::string_view text, const std::array<std::string_view, N>& names) {
    const auto at = std::ranges::find(names, text);
    if (at == names.end()) return std::nullopt;
    return static_cast<Enum>(at - names.begin());
}

}  // namespace

std::string_view to_text(Type type) { return kTypes[static_cast<std::size_t>(type)]; }
std::optional<Type> type_from(std::string_view text) { return named<Type>(text, kTypes); }
std::string_view to_text(DayMatch match) { return kDayMatches[static_cast<std::size_t>(match)]; }
std::optional<DayMatch> day_match_from(std::string_view text) {
    return named<DayMatch>(text, kDayMatches);
}

}  // namespace cjv::schedule
