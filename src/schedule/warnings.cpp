// What people should know about a schedule that is accepted all the same. So far: what changes of the clock do to
// fixed times in the coming year. The other codes of the list need the text as it was typed.

#include "schedule/cron.h"
#include "schedule/schedule.h"
#include "schedule/zone.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace cjv::schedule {
namespace {

using std::chrono::days, std::chrono::hours, std::chrono::local_seconds, std::chrono::sys_seconds;

constexpr auto kAhead = days{365};
constexpr auto kCaughtUp = hours{3};  // a longer jump is a correction, and nothing is caught up

std::string date_of(local_seconds wall) {
    const std::chrono::year_month_day date{std::chrono::floor<days>(wall)};
    const auto two = [](unsigned n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
    return std::to_string(int(date.year())) + "-" + two(unsigned(date.month())) + "-" +
           two(unsigned(date.day()));
}

void add(std::string& dates, local_seconds wall) {
    const std::string date = date_of(wall);
    if (dates.find(date) == std::string::npos) dates += (dates.empty() ? "" : ", ") + date;
}

// The days of the coming year on which a fixed time of `cron` does not exist, and those on which it comes twice.
struct Changes {
    std::string skipped, repeated;

    void look(const Cron& cron, const Zone& zone, sys_seconds from) {
        if (cron.wildcard())
            return;  // follows the clock as it is: nothing is lost, nothing doubled
        auto span = zone.span_at(from);
        while (span.until < from + kAhead) {
            const auto next = zone.span_at(span.until);
            const local_seconds before{span.until.time_since_epoch() + span.offset};
            const local_seconds after{next.from.time_since_epoch() + next.offset};
            const auto [low, high] = std::minmax(before, after);
            const auto match = cron.at_or_after(low);
            if (match && *match < high && high - low < kCaughtUp)
                add(after > before ? skipped : repeated, *match);
            span = next;
        }
    }
};

}  // namespace

std::vector<Warning> Schedule::warnings(Instant from) const {
    std::vector<Warning> found;
    if (!zone_ || zone_->is_utc()) return found;
    const auto start = std::chrono::floor<std::chrono::seconds>(from);
    Changes changes;
    if (const auto* cron = std::get_if<std::shared_ptr<const Cron>>(&rule_))
        changes.look(**cron, *zone_, start);
    if (const auto* list = std::get_if<std::shared_ptr<const std::vector<Cron>>>(&rule_))
        for (const Cron& cron : **list) changes.look(cron, *zone_, start);

    if (!changes.skipped.empty())
        found.push_back({.code = "gap",
                         .message = "The clock skips this time on " + changes.skipped +
                                    "; the run starts right after the change."});
    if (!changes.repeated.empty())
        found.push_back({.code = "fold",
                         .message = "This time comes twice on " + changes.repeated +
                                    "; the run starts in the first pass alone."});
    return found;
}

double Schedule::runs_per_week(Instant from) const {
    // A year of whole weeks, or as much of it as holds this many slots: what is so dense is even, too.
    constexpr int kEnough = 20'000;
    constexpr std::chrono::microseconds kWeek = days{7};
    constexpr auto kYear = 52 * kWeek;
    int count = 0;
    Instant at = from;
    while (count < kEnough) {
        const auto slot = next_after(at);
        if (!slot || *slot > from + kYear) return count / 52.0;
        at = *slot;
        ++count;
    }
    return count / (std::chrono::duration<double>(at - from) / kWeek);
}

}  // namespace cjv::schedule
