#include "schedule/clock_changes.h"

#include "schedule/sets.h"
#include "schedule/wall_text.h"

#include <algorithm>
#include <optional>
#include <string>

namespace cjv::schedule {
namespace {

using std::chrono::days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

local_seconds wall_of(sys_seconds at, seconds offset) {
    return local_seconds{at.time_since_epoch() + offset};
}

// Calls `each` with the spans on both sides of every change.
template <class Each>
void for_changes(const Zone& zone, const Ahead& ahead, Each each) {
    for (auto span = zone.span_at(ahead.from); span.until < ahead.until;) {
        const auto next = zone.span_at(span.until);
        each(span, next);
        span = next;
    }
}

// Dates on which something happens, each once, in order.
struct Dates {
    std::vector<std::string> dates;

    void add(local_seconds wall) {
        auto date = date_of(wall);
        if (dates.empty() || dates.back() != date) dates.push_back(std::move(date));
    }
    bool any() const { return !dates.empty(); }
    std::string text() const { return listed(dates); }
};

constexpr Bounds kHours{0, 23};
constexpr seconds kHour{3'600};

// A wildcard job of every hour goes on as it was, whatever the clock does by whole hours. By half an
// hour "*/30" does, but "0" does not.
bool rhythm_stays(const Cron& cron, seconds shift) {
    const auto& times = cron.times();
    if (!cron.wildcard() || times.hour_set() != kHours.all()) return false;
    const auto matches = [&](seconds of_hour) {
        const auto second = of_hour.count() % kHour.count();
        return times.minute_set() >> second / 60 & times.second_set() >> second % 60 & 1;
    };
    const auto moved = (shift % kHour + kHour) % kHour;
    for (seconds at{0}; moved != seconds{0} && at < kHour; ++at)
        if (matches(at) != matches(at + moved)) return false;
    return true;
}

// Where matches lie among the wall clock times that are skipped, or come twice.
struct Touched {
    Dates moved, lost, repeated;

    Touched(const Cron& cron, const Zone& zone, const Ahead& ahead) {
        for_changes(zone, ahead, [&](const Zone::Span& before, const Zone::Span& after) {
            const auto [low, high] = std::minmax(
                {wall_of(before.until, before.offset), wall_of(after.from, after.offset)});
            const auto match = cron.at_or_after(low);
            if (!match || *match >= high || rhythm_stays(cron, after.offset - before.offset))
                return;
            if (after.offset < before.offset)
                repeated.add(*match);
            else if (cron.wildcard() || cron.clock_rule().gap == Gap::skip ||
                     high - low >= Zone::kLongestCatchUp)
                lost.add(*match);
            else
                moved.add(*match);
        });
    }
};

// "lost on 2026-03-29 and doubled on 2026-10-25"
std::string lost_or_doubled(const Touched& touched) {
    std::string text;
    if (touched.lost.any()) text = "lost on " + touched.lost.text();
    if (touched.lost.any() && touched.repeated.any()) text += " and ";
    if (touched.repeated.any()) text += "doubled on " + touched.repeated.text();
    return text;
}

std::vector<Warning> of_wildcard(const Touched& touched) {
    if (!touched.lost.any() && !touched.repeated.any()) return {};
    return {{.code = "hour-step-dst",
             .message = "This follows the clock as it is: runs are " + lost_or_doubled(touched) +
                        ", when the clock changes."}};
}

std::string started(Fold fold) {
    if (fold == Fold::both) return "a run starts in each pass";
    return "the run starts in the " + std::string(to_text(fold)) + " pass alone";
}

std::vector<Warning> of_fixed(const Cron& cron, const Touched& touched) {
    std::vector<Warning> found;
    if (touched.moved.any())
        found.push_back({.code = "gap",
                         .message = "The clock skips this time on " + touched.moved.text() +
                                    "; the run starts right after the change."});
    if (touched.lost.any())
        found.push_back({.code = "gap",
                         .message = "The clock skips this time on " + touched.lost.text() +
                                    ", and there is no run."});
    if (touched.repeated.any())
        found.push_back({.code = "fold",
                         .message = "This time comes twice on " + touched.repeated.text() + "; " +
                                    started(cron.clock_rule().fold) + "."});
    if (found.empty() || !steps_of(cron.times().hour_set(), kHours)) return found;
    Dates dates = touched.moved;
    for (const auto& more : {touched.lost, touched.repeated})
        dates.dates.insert(dates.dates.end(), more.dates.begin(), more.dates.end());
    std::ranges::sort(dates.dates);
    found.push_back(
        {.code = "hour-step-dst",
         .message = "The hours between runs are those of the wall clock: they are fewer "
                    "or more on " +
                    dates.text() + ", when the clock changes."});
    return found;
}

// The cron expression that keeps the wall clock time that the interval has at `wall`; nothing where
// days are not divided, or not filled, evenly.
std::optional<std::string> kept_by_cron(seconds period, local_seconds wall) {
    constexpr seconds kDay{86'400};
    const auto day = std::chrono::floor<days>(wall);
    const std::chrono::hh_mm_ss time{wall - day};
    const auto hour = time.hours().count();
    std::string clock = time.seconds().count() == 0 ? "" : std::to_string(time.seconds().count());
    if (!clock.empty()) clock += " ";
    clock += std::to_string(time.minutes().count()) + " ";
    if (period == kDay) return clock + std::to_string(hour) + " * * *";
    if (period == 7 * kDay)
        return clock + std::to_string(hour) + " * * " +
               std::to_string(std::chrono::weekday{day}.c_encoding());
    if (period >= kDay || period % kHour != seconds{0} || kDay % period != seconds{0})
        return std::nullopt;
    const auto step = period / kHour;
    const auto first = hour % step;
    return clock + (first == 0 ? "*" : std::to_string(first)) + "/" + std::to_string(step) +
           " * * *";
}

bool divides(seconds period, seconds shift) { return shift % period == seconds{0}; }

// The anchor is a midnight in UTC, and not the midnight of the job's own day that it is given where
// nobody says otherwise: London's are the same in winter. None was given where it is 1970's.
bool counts_from_utc(const Every& every, const Zone& zone) {
    const auto anchor = every.anchor();
    if (anchor == sys_seconds{}) return true;
    return anchor == std::chrono::floor<days>(anchor) && zone.local_midnight(anchor) != anchor;
}

}  // namespace

std::vector<Warning> clock_warnings(const Cron& cron, const Zone& zone, const Ahead& ahead) {
    const Touched touched(cron, zone, ahead);
    return cron.wildcard() ? of_wildcard(touched) : of_fixed(cron, touched);
}

std::optional<ClockChange> clock_change_at(const Cron* cron, const Zone& zone, sys_seconds slot) {
    const auto span = zone.span_at(slot);
    const auto wall = wall_of(slot, span.offset), begin = wall_of(span.from, span.offset);
    if (cron && slot == span.from && span.resume < begin && !cron->wildcard() &&
        cron->clock_rule().gap == Gap::after_gap) {
        const auto skipped = cron->at_or_after(span.resume);
        if (skipped && *skipped < begin) return ClockChange::after_gap;
    }
    if (span.from != Zone::kBeginning) {
        const auto before = zone.span_at(span.from - seconds{1});
        if (wall < wall_of(before.until, before.offset)) return ClockChange::second_pass;
    }
    const auto after = zone.span_at(span.until);
    if (wall >= wall_of(after.from, after.offset)) return ClockChange::first_pass;
    return std::nullopt;
}

std::vector<Warning> clock_warnings(const Every& every, const Zone& zone, const Ahead& ahead) {
    std::vector<Warning> found;
    const auto period = every.period();
    if (const auto slot = every.at_or_after(ahead.from); slot && counts_from_utc(every, zone)) {
        const auto offset = zone.offset_at(*slot);
        if (!divides(period, offset))
            found.push_back({.code = "anchor-utc",
                             .message = "Counts from midnight UTC, which is " +
                                        clock_of(wall_of(std::chrono::floor<days>(*slot), offset)) +
                                        " in " + zone.name() + "."});
    }
    bool told = false;
    for_changes(zone, ahead, [&](const Zone::Span& before, const Zone::Span& after) {
        const auto slot = every.at_or_after(after.from);
        if (told || !slot || divides(period, after.offset - before.offset)) return;
        told = true;
        const auto was = wall_of(*slot, before.offset), is = wall_of(*slot, after.offset);
        Warning warning{.code = "anchor-dst",
                        .message = "Elapsed time does not follow the wall clock: from " +
                                   date_of(is) + " on, the run at " + clock_of(was) + " comes at " +
                                   clock_of(is) + "."};
        if (const auto cron = kept_by_cron(period, was))
            warning.suggest = Suggestion{.schedule = *cron, .type = Type::cron};
        found.push_back(std::move(warning));
    });
    return found;
}

}  // namespace cjv::schedule
