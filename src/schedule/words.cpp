#include "schedule/words.h"

#include <array>
#include <utility>

namespace cjv::schedule {

std::string words_of(const Cron&) { return "By a cron expression"; }

std::string words_of(const Every& every) {
    constexpr std::array<std::pair<std::int64_t, const char*>, 5> units = {
        {{604'800, "week"}, {86'400, "day"}, {3'600, "hour"}, {60, "minute"}, {1, "second"}}};
    const auto period = every.period().count();
    for (const auto& [seconds, name] : units) {
        if (period % seconds != 0) continue;
        if (period == seconds) return std::string("Every ") + name;
        return "Every " + std::to_string(period / seconds) + " " + name + "s";
    }
    return {};
}

}  // namespace cjv::schedule
