// What people should know about a schedule that is accepted all the same.

#include "schedule/clock_changes.h"
#include "schedule/cron.h"
#include "schedule/entries.h"
#include "schedule/every.h"
#include "schedule/phrase.h"
#include "schedule/schedule.h"
#include "schedule/spelling.h"
#include "schedule/wall_text.h"
#include "schedule/zone.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <span>
#include <string>

namespace cjv::schedule {
namespace {

using std::chrono::sys_seconds;

constexpr double kDense = 60'480;  // runs a week: one every ten seconds
constexpr int kSlotsCompared = 1'000;
constexpr std::chrono::days kYear{365};

// Adds what has not been said yet: entries of one schedule share most of their warnings.
void add(std::vector<Warning>& found, std::vector<Warning> more) {
    for (auto& warning : more) {
        const bool known = std::ranges::any_of(found, [&](const Warning& said) {
            return said.code == warning.code && said.message == warning.message;
        });
        if (!known) found.push_back(std::move(warning));
    }
}

// The first time that two expressions have in common, within the next slots.
std::optional<sys_seconds> meeting(std::span<const Cron> list, const Zone& zone, sys_seconds from) {
    for (int i = 0; i < kSlotsCompared; ++i) {
        std::optional<sys_seconds> first;
        int together = 0;
        for (const Cron& cron : list) {
            const auto at = first_at_or_after(cron, zone, from);
            if (!at || (first && *at > *first)) continue;
            together = at == first ? together + 1 : 1;
            first = at;
        }
        if (!first || together > 1) return first;
        from = *first + std::chrono::seconds{1};
    }
    return std::nullopt;
}

}  // namespace

// One expression alone tells at a glance that it is not.
bool Schedule::may_be_dense() const {
    const auto* cron = std::get_if<Cron>(&rule_);
    return !cron || 7 * cron->times().count() > kDense;
}

std::vector<Warning> Schedule::warnings(Instant from, std::string_view text) const {
    const auto start = std::chrono::floor<std::chrono::seconds>(std::max(from, before_));
    const Ahead ahead{.from = start, .until = std::min<sys_seconds>(start + kYear, last_)};
    const auto phrase = cron_of_phrase(text);
    if (phrase) text = *phrase;
    std::vector<Warning> found;
    const auto look = [&](const Cron& cron, std::string_view entry) {
        add(found, spelling_warnings(cron, text, entry));
        if (zone_) add(found, clock_warnings(cron, *zone_, ahead));
    };
    if (const auto* cron = std::get_if<Cron>(&rule_)) look(*cron, text);
    if (const auto* every = std::get_if<Every>(&rule_); every && zone_)
        add(found, clock_warnings(*every, *zone_, ahead));
    if (const auto* list = std::get_if<List>(&rule_)) {
        const auto zone = zone_ ? zone_ : Zone::utc();
        const auto entries = entries_of(text);
        for (std::size_t i = 0; i < (*list)->size(); ++i)
            look((**list)[i], i < entries.size() ? entries[i] : std::string_view{});
        if (const auto at = meeting(**list, *zone, start); at && *at <= last_) {
            const std::chrono::local_seconds wall{at->time_since_epoch() + zone->offset_at(*at)};
            found.push_back({.code = "same-instant",
                             .message = "Two of the expressions meet, on " + date_of(wall) +
                                        " at " + clock_of(wall) + " first; that is one run."});
        }
    }
    if (may_be_dense() && runs_per_week(from) > kDense)
        found.push_back({.code = "dense",
                         .message = "This runs " +
                                    std::to_string(std::llround(runs_per_week(from))) +
                                    " times a week."});
    return found;
}

std::optional<ClockChange> Schedule::clock_change_at(Instant slot) const {
    if (!zone_) return std::nullopt;
    const auto at = std::chrono::floor<std::chrono::seconds>(slot);
    const auto change = [&](const Cron* cron) {
        return schedule::clock_change_at(cron, *zone_, at);
    };
    const auto* list = std::get_if<List>(&rule_);
    if (!list) return change(std::get_if<Cron>(&rule_));
    for (const Cron& cron : **list)
        if (const auto found = change(&cron); found == ClockChange::after_gap) return found;
    return change(nullptr);
}

std::optional<Warning> Schedule::overlap_warning(Instant from, std::chrono::seconds run) const {
    std::optional<Instant> before = next_after(from);
    for (int i = 0; before && i < kSlotsCompared; ++i) {
        const auto slot = next_after(*before);
        if (!slot) break;
        const auto between = std::chrono::floor<std::chrono::seconds>(*slot - *before);
        if (between < run)
            return Warning{.code = "overlaps-itself",
                           .message = "Its runs take " + length_of(run) +
                                      " on average, and a slot may come " + length_of(between) +
                                      " after the one before it: they meet."};
        before = slot;
    }
    return std::nullopt;
}

}  // namespace cjv::schedule
