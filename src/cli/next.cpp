// `next EXPR`: a schedule in words, and its coming times. Asks nobody: the engine is in the program.

#include <fmt/chrono.h>
#include <fmt/core.h>

#include "app/zone_files.h"
#include "base/clock.h"
#include "base/iso8601.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "schedule/json.h"
#include "schedule/schedule.h"
#include "schedule/zones.h"

namespace cjv::cli {
namespace {

std::string line(Instant at, std::chrono::seconds offset) {
    const auto local = std::chrono::floor<std::chrono::seconds>(at + offset);
    const auto day = fmt::gmtime(std::chrono::system_clock::to_time_t(local));
    return fmt::format("  {:%a} {}", day, to_iso8601(at, offset));
}

std::string as_json(const schedule::Schedule& schedule, const NextFlags& flags,
                    const schedule::Zone& zone, const std::vector<Instant>& slots, Instant from) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("schedule_type", schedule::to_text(schedule.type()));
    out.field("timezone", flags.timezone);
    out.field("words", schedule.words());
    out.key("next");
    out.begin_array();
    for (const Instant at : slots) out.value(to_iso8601(at, zone.offset_at(at)));
    out.end_array();
    out.key("warnings");
    schedule::write(out, schedule.warnings(from, flags.expression));
    out.end_object();
    return text;
}

}  // namespace

int next(const Global& global, const NextFlags& flags) {
    const auto settings = settings_of(global);
    if (!settings) return tell_usage(settings.error());
    const schedule::Zones zones([&](std::string_view name) {
        return app::read_zone_file(settings->config.schedule.zoneinfo, name);
    });
    const auto zone = zones.find(flags.timezone);
    if (!zone) {
        fmt::print(stderr, "unknown time zone \"{}\"; give an IANA name such as Europe/Berlin\n",
                   flags.timezone);
        return failed;
    }
    Instant at = SystemClock{}.now();
    if (!flags.from.empty()) {
        const auto given = parse_iso8601(flags.from);
        if (!given) {
            fmt::print(stderr, "--from: \"{}\" is not an ISO 8601 time such as 2026-12-01T02:00Z\n",
                       flags.from);
            return wrong_usage;
        }
        at = *given;
    }

    const auto schedule = schedule::Schedule::parse(
        flags.expression,
        {.type = {}, .day_match = *schedule::day_match_from(flags.day_match), .zone = zone});
    if (!schedule) {
        if (const auto& suggest = schedule.error().suggest)
            fmt::print(stderr, "did you mean: {}\n", suggest->schedule);
        fmt::print(stderr, "{}\n", sentence(schedule.error()));
        return failed;
    }

    const Instant from = at;
    std::vector<Instant> slots;
    while (static_cast<int>(slots.size()) < flags.count) {
        const auto slot = schedule->next_after(at);
        if (!slot) break;
        slots.push_back(*slot);
        at = *slot;
    }
    if (global.json) {
        fmt::print("{}\n", as_json(*schedule, flags, *zone, slots, from));
        return done;
    }
    fmt::print("{} ({})\n", schedule->words(), flags.timezone);
    for (const Instant slot : slots) fmt::print("{}\n", line(slot, zone->offset_at(slot)));
    if (slots.empty()) fmt::print("  no coming times\n");
    for (const auto& warning : schedule->warnings(from, flags.expression))
        fmt::print("{}: {}\n", warning.strong ? "warning" : "note", warning.message);
    return done;
}

}  // namespace cjv::cli
