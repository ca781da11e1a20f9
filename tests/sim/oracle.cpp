#include "oracle.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace cjv::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMinute = 60, kHour = 3'600, kDay = 86'400;

std::int64_t utc(int year, unsigned month, unsigned day, int hour) {
    using namespace std::chrono;
    const sys_days date =
        std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
    return duration_cast<seconds>(date.time_since_epoch()).count() + hour * kHour;
}

// From the announcements, not from anybody's tables: offsets, and the UTC moments of their changes.
std::vector<OracleZone> make_zones() {
    const std::int64_t y2026 = utc(2026, 1, 1, 0), y2027 = utc(2027, 1, 1, 0);
    std::vector<OracleZone> zones = {
        {.name = "UTC",
         .changes = {{0, 0}},
         .from = 0,
         .until = INT64_MAX,
         .interesting = {utc(2026, 2, 28, 12)}},
        {.name = "Asia/Kathmandu",
         .changes = {{0, 5 * kHour + 45 * kMinute}},
         .from = utc(1990, 1, 1, 0),
         .until = INT64_MAX,
         .interesting = {utc(2027, 12, 31, 0)}},
        {.name = "Europe/Berlin",
         .changes = {{0, kHour}, {utc(2026, 3, 29, 1), 2 * kHour}, {utc(2026, 10, 25, 1), kHour}},
         .from = y2026,
         .until = y2027},
        {.name = "America/New_York",
         .changes = {{0, -5 * kHour},
                     {utc(2026, 3, 8, 7), -4 * kHour},
                     {utc(2026, 11, 1, 6), -5 * kHour}},
         .from = y2026,
         .until = y2027},
        {.name = "Australia/Lord_Howe",  // half an hour
         .changes = {{0, 11 * kHour},
                     {utc(2026, 4, 4, 15), 10 * kHour + 30 * kMinute},
                     {utc(2026, 10, 3, 15) + 30 * kMinute, 11 * kHour}},
         .from = y2026,
         .until = y2027},
        {.name = "Antarctica/Troll",  // two hours
         .changes = {{0, 0}, {utc(2026, 3, 29, 1), 2 * kHour}, {utc(2026, 10, 25, 1), 0}},
         .from = y2026,
         .until = y2027},
        {.name = "America/Sao_Paulo",  // midnight is skipped, and 23:00 repeated
         .changes = {{0, -3 * kHour},
                     {utc(2018, 11, 4, 3), -2 * kHour},
                     {utc(2019, 2, 17, 2), -3 * kHour}},
         .from = utc(2018, 6, 1, 0),
         .until = utc(2019, 6, 1, 0)},
        {.name = "Pacific/Apia",  // a day that never was
         .changes = {{0, -10 * kHour}, {utc(2011, 12, 30, 10), 14 * kHour}},
         .from = utc(2011, 11, 1, 0),
         .until = utc(2012, 3, 1, 0)}};
    for (OracleZone& zone : zones)
        for (std::size_t i = 1; i < zone.changes.size(); ++i)
            zone.interesting.push_back(zone.changes[i].at);
    return zones;
}

struct Range {
    int low, high;
};

CronField star(Range range) {
    CronField field{.text = "*", .has_star = true};
    for (int v = range.low; v <= range.high; ++v) field.values.insert(v);
    return field;
}

CronField stepped_star(Range range, int step) {
    CronField field{.text = "*/" + std::to_string(step), .has_star = true};
    for (int v = range.low; v <= range.high; v += step) field.values.insert(v);
    return field;
}

CronField list(Dice& dice, Range range, int count) {
    CronField field;
    for (int i = 0; i < count; ++i) {
        const int value = int(dice.between(range.low, range.high));
        field.values.insert(value);
        field.text += (i ? "," : "") + std::to_string(value);
    }
    return field;
}

CronField stepped_range(Dice& dice, Range range) {
    CronField field;
    const int low = int(dice.between(range.low, range.high));
    const int high = int(dice.between(low, range.high));
    const int step = int(dice.between(1, 3));
    for (int v = low; v <= high; v += step) field.values.insert(v);
    field.text = std::to_string(low) + "-" + std::to_string(high);
    if (step > 1) field.text += "/" + std::to_string(step);
    return field;
}

CronField draw_minute(Dice& dice) {
    switch (dice.roll(5)) {
        case 0: return stepped_star({0, 59}, int(dice.between(2, 20)));
        case 1: return star({0, 59});
        case 2: return stepped_range(dice, {0, 59});
        default: return list(dice, {0, 59}, int(dice.between(1, 3)));
    }
}

CronField draw_hour(Dice& dice) {
    switch (dice.roll(5)) {
        case 0: return stepped_star({0, 23}, int(dice.between(2, 6)));
        case 1: return star({0, 23});
        case 2: return stepped_range(dice, {0, 23});
        case 3: return list(dice, {0, 3}, 2);  // where most clocks are changed
        default: return list(dice, {0, 23}, int(dice.between(1, 3)));
    }
}

CronField draw_day(Dice& dice) {
    if (!dice.one_in(6)) return star({1, 31});
    return dice.one_in(2) ? stepped_star({1, 31}, 2) : stepped_range(dice, {1, 31});
}

CronField draw_weekday(Dice& dice) {
    if (!dice.one_in(5)) return star({0, 6});
    if (dice.one_in(2)) return {.values = {1, 2, 3, 4, 5}, .text = "MON-FRI"};
    return {.values = {0, 3}, .text = "7,wed"};
}

std::int64_t floor_to(std::int64_t at, std::int64_t unit) {
    return (at >= 0 ? at / unit : (at - unit + 1) / unit) * unit;
}

// `wall`: seconds of a wall clock, as if it were UTC.
bool matches(const Spec& spec, std::int64_t wall) {
    const std::int64_t day_number = floor_to(wall, kDay) / kDay;
    const std::int64_t of_day = wall - day_number * kDay;
    if (!spec.minute.values.contains(int(of_day / kMinute % 60))) return false;
    if (!spec.hour.values.contains(int(of_day / kHour))) return false;

    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{int(day_number)}}};
    const auto weekday = std::chrono::weekday{std::chrono::sys_days{date}};
    if (!spec.month.values.contains(int(unsigned(date.month())))) return false;
    const bool by_day = spec.day.values.contains(int(unsigned(date.day())));
    const bool by_weekday = spec.weekday.values.contains(int(weekday.c_encoding()));
    if (spec.day.has_star || spec.weekday.has_star) return by_day && by_weekday;
    return by_day || by_weekday;
}

// The ISC daemon: it remembers the largest wall clock minute that it has seen. Jobs with a star in
// minute or hour follow the clock as it is; others run at what was skipped, right after it, and are
// silent while the clock says again what it has said.
std::vector<std::int64_t> cron_slots(const Spec& spec, std::int64_t after, std::int64_t until) {
    std::vector<std::int64_t> found;
    const bool is_wildcard = spec.minute.has_star || spec.hour.has_star;
    const std::int64_t start = floor_to(after, kMinute) - 2 * kDay;  // to know what was seen
    std::int64_t seen = start + spec.zone->offset_at(start);
    for (std::int64_t at = start + kMinute; at <= until; at += kMinute) {
        const std::int64_t wall = at + spec.zone->offset_at(at);
        bool is_due = false;
        if (is_wildcard) {
            is_due = matches(spec, wall);
        } else if (wall > seen) {
            is_due = matches(spec, wall);
            if (wall - seen - kMinute < 3 * kHour)
                for (std::int64_t skipped = seen + kMinute; skipped < wall; skipped += kMinute)
                    is_due = is_due || matches(spec, skipped);
        }
        seen = std::max(seen, wall);
        if (is_due && at > after) found.push_back(at);
    }
    return found;
}

// Begins or ends within a day, most often: it may be over, or turned round.
void draw_window(Dice& dice, Spec& spec, std::int64_t now) {
    if (dice.one_in(8)) spec.start = now + dice.between(-kHour, 12 * kHour);
    if (dice.one_in(8)) spec.end = now + dice.between(-kHour, 36 * kHour);
    // Where an edge matters: on a slot.
    if (spec.type == Spec::Type::cron && dice.one_in(2)) {
        if (spec.start != INT64_MIN) spec.start = floor_to(spec.start, kHour);
        if (spec.end != INT64_MAX) spec.end = floor_to(spec.end, kHour);
    }
}

}  // namespace

std::int64_t OracleZone::offset_at(std::int64_t at) const {
    std::int64_t offset = 0;
    for (const Change& change : changes)
        if (change.at <= at || &change == changes.data()) offset = change.offset;
    return offset;
}

std::span<const OracleZone> oracle_zones() {
    static const std::vector<OracleZone> zones = make_zones();
    return zones;
}

const OracleZone& draw_zone(Dice& dice, std::int64_t at) {
    for (;;) {
        const OracleZone& zone = dice.pick(oracle_zones());
        if (zone.from <= at - 3 * kDay && at + 30 * kDay <= zone.until) return zone;
    }
}

std::string Spec::text() const {
    switch (type) {
        case Type::manual: return "";
        case Type::at_start: return "@reboot";
        case Type::interval: return "every " + std::to_string(every) + " seconds";
        case Type::cron: break;
    }
    return minute.text + " " + hour.text + " " + day.text + " " + month.text + " " + weekday.text;
}

Spec draw_spec(Dice& dice, const OracleZone& zone, std::int64_t now) {
    Spec spec{.zone = &zone};
    const std::int64_t kind = dice.roll(11);
    if (kind == 0) return spec;
    if (kind == 10) {
        spec.type = Spec::Type::at_start;
        return spec;
    }
    if (kind <= 2) {
        constexpr std::array<std::int64_t, 6> kEvery = {20, 45, 60, 420, 3'600, 5'400};
        spec.type = Spec::Type::interval;
        spec.every = dice.pick<std::int64_t>(kEvery);
        spec.anchor = now - dice.roll(kDay);
        draw_window(dice, spec, now);
        return spec;
    }
    spec.type = Spec::Type::cron;
    spec.minute = draw_minute(dice);
    spec.hour = draw_hour(dice);
    spec.day = draw_day(dice);
    spec.month = star({1, 12});
    spec.weekday = draw_weekday(dice);
    draw_window(dice, spec, now);
    return spec;
}

std::vector<std::int64_t> slots(const Spec& spec, std::int64_t after, std::int64_t until) {
    after = std::max(after, spec.start == INT64_MIN ? spec.start : spec.start - 1);
    until = std::min(until, spec.end - 1);
    std::vector<std::int64_t> found;
    if (after >= until) return found;
    if (spec.type == Spec::Type::cron) return cron_slots(spec, after, until);
    if (spec.type != Spec::Type::interval) return found;
    for (std::int64_t at = spec.anchor; at <= until; at += spec.every)
        if (at > after) found.push_back(at);
    return found;
}

}  // namespace cjv::sim
