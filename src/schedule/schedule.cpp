#include "schedule/schedule.h"

#include "schedule/cron.h"
#include "schedule/entries.h"
#include "schedule/every.h"
#include "schedule/names.h"
#include "schedule/utf8.h"
#include "schedule/words.h"
#include "schedule/zone.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cjv::schedule {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// The years 1 to 9999, which is what ISO 8601 writes with four digits.
constexpr sys_seconds kFirst{seconds{-62'135'596'800}};
constexpr Instant kBefore = kFirst - seconds{1};
constexpr sys_seconds kLast{seconds{253'402'300'799}};

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Refusal not_available(std::string_view what) {
    return {.code = "not-available",
            .message = std::string(what) + " are not available in this version"};
}

constexpr std::array<std::string_view, 9> kSolarEvents = {
    "dawn_astronomical", "dawn_nautical", "dawn_civil",       "sunrise", "solar_noon", "sunset",
    "dusk_civil",        "dusk_nautical", "dusk_astronomical"};

Type type_of(std::string_view text) {
    const auto trimmed = trim(text);
    if (trimmed.empty()) return Type::manual;
    if (Every::claims(trimmed)) return Type::interval;
    const auto word = trimmed.substr(0, trimmed.find_first_of(" \t"));
    if (same_word(word, "at")) return Type::clocked;
    if (std::ranges::any_of(kSolarEvents, [&](auto event) { return same_word(word, event); }))
        return Type::solar;
    return Type::cron;
}

bool is_control(char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; }

std::optional<sys_seconds> first_in_utc(const Cron& cron, sys_seconds from) {
    const auto match = cron.at_or_after(std::chrono::local_seconds{from.time_since_epoch()});
    if (!match) return std::nullopt;
    return sys_seconds{match->time_since_epoch()};
}

std::optional<sys_seconds> first_of(const Cron& cron, const Zone* zone, sys_seconds from) {
    return zone ? first_at_or_after(cron, *zone, from) : first_in_utc(cron, from);
}

}  // namespace

Schedule::Schedule() = default;

Parsed<Schedule> Schedule::parse(std::string_view text, const Options& options) {
    Parsed<Schedule> schedule;
    if (options.zone && !options.zone->is_utc()) schedule->zone_ = options.zone;
    const auto read = [&]() -> Parsed<void> {
        switch (options.type ? *options.type : type_of(text)) {
            case Type::cron: return schedule->read_cron(text, options);
            case Type::interval: return schedule->read_interval(text, options);
            case Type::clocked:
                return std::unexpected(not_available("schedules for one point in time"));
            case Type::solar: return std::unexpected(not_available("solar schedules"));
            case Type::manual: break;
        }
        if (trim(text).empty()) return {};
        return std::unexpected(Refusal{.code = "not-empty",
                                       .message = "a job that runs by hand only has no schedule",
                                       .hint = "leave the schedule empty or choose another type"});
    };
    auto done = read();
    if (!done) schedule = std::unexpected(std::move(done.error()));
    // Whatever else may be wrong with such a text, this is what one cannot see.
    if (!schedule && std::ranges::any_of(text, is_control))
        schedule = std::unexpected(
            Refusal{.code = "bad-character", .message = "control characters are not allowed"});
    return schedule;
}

Parsed<void> Schedule::read_cron(std::string_view text, const Options& options) {
    if (text.find(';') == std::string_view::npos) {
        auto cron = Cron::parse(text, options.day_match, options.hash_key);
        if (!cron) return std::unexpected(std::move(cron.error()));
        rule_ = *cron;
        return {};
    }
    std::vector<Cron> list;
    for (const auto entry : entries_of(text)) {
        auto cron = Cron::parse_entry(text, entry, options.day_match, options.hash_key);
        if (!cron) return std::unexpected(std::move(cron.error()));
        list.push_back(*cron);
    }
    if (list.size() == 1)
        rule_ = list.front();
    else
        rule_ = std::make_shared<const std::vector<Cron>>(std::move(list));
    return {};
}

Parsed<void> Schedule::read_interval(std::string_view text, const Options& options) {
    if (trim(text).empty())
        return std::unexpected(Refusal{.code = "empty", .message = "the interval is empty"});
    const bool declared = options.type.has_value();
    const auto anchor = std::clamp(floor<seconds>(options.anchor), kFirst, kLast);
    const auto every = Every::parse(text, declared, anchor);
    if (!every) return std::unexpected(every.error());
    rule_ = *every;
    return {};
}

Type Schedule::type() const {
    if (std::holds_alternative<std::monostate>(rule_)) return Type::manual;
    return std::holds_alternative<Every>(rule_) ? Type::interval : Type::cron;
}

std::optional<Instant> Schedule::next_after(Instant after) const {
    if (after >= kLast) return std::nullopt;
    // Whole seconds: the first candidate is the next one that begins. What is divided is positive.
    const auto passed = static_cast<std::uint64_t>((std::max(after, kBefore) - kBefore).count());
    const auto from = kFirst + seconds{passed / 1'000'000};
    const auto next = zone_ ? first_in(*zone_, from) : first_in_utc(from);
    if (!next || *next > kLast) return std::nullopt;
    return *next;
}

inline std::optional<sys_seconds> Schedule::first_in(const Zone& zone, sys_seconds from) const {
    if (const auto* cron = std::get_if<Cron>(&rule_)) return first_at_or_after(*cron, zone, from);
    return first_of_others(from);
}

inline std::optional<sys_seconds> Schedule::first_in_utc(sys_seconds from) const {
    if (const auto* cron = std::get_if<Cron>(&rule_)) return schedule::first_in_utc(*cron, from);
    return first_of_others(from);
}

std::optional<sys_seconds> Schedule::first_of_others(sys_seconds from) const {
    if (const auto* every = std::get_if<Every>(&rule_)) return every->at_or_after(from);
    std::optional<sys_seconds> next;
    if (const auto* list = std::get_if<List>(&rule_))
        for (const auto& entry : **list) {
            const auto at = first_of(entry, zone_.get(), from);
            if (at && (!next || *at < *next)) next = at;
        }
    return next;
}

std::string Schedule::words() const {
    if (const auto* cron = std::get_if<Cron>(&rule_)) return words_of(*cron);
    if (const auto* every = std::get_if<Every>(&rule_)) return words_of(*every);
    if (const auto* list = std::get_if<List>(&rule_)) {
        std::string words;
        for (const auto& entry : **list) words += (words.empty() ? "" : "; ") + words_of(entry);
        return words;
    }
    return "By hand only";
}

}  // namespace cjv::schedule
