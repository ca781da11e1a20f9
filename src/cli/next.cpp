// `next EXPR` and `explain EXPR`: a schedule in words, its coming times, and what one should know. Asks nobody: the engine is in the program.

#include <fmt/chrono.h>
#include <fmt/core.h>

#include "app/zone_files.h"
#include "base/clock.h"
#include "base/iso8601.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/schedule_question.h"
#include "cli/settings.h"
#include "schedule/json.h"
#include "schedule/phrase.h"
#include "schedule/schedule.h"
#include "schedule/words.h"
#include "schedule/zones.h"

namespace cjv::cli {
namespace {

std::string line(Instant at, std::chrono::seconds offset) {
    const auto local = std::chrono::floor<std::chrono::seconds>(at + offset);
    const auto day = fmt::gmtime(std::chrono::system_clock::to_time_t(local));
    return fmt::format("  {:%a} {}", day, to_iso8601(at, offset));
}

// Tells it, on stdout too where JSON was asked for. What to exit with.
int refuse(const Global& global, const schedule::Refusal& refusal) {
    if (global.json) {
        std::string text;
        json::Writer out(text);
        out.begin_object();
        out.key("error");
        write(out, refusal);
        out.end_object();
        fmt::print("{}\n", text);
    }
    if (refusal.suggest) fmt::print(stderr, "did you mean: {}\n", told(*refusal.suggest));
    fmt::print(stderr, "{}\n", sentence(refusal));
    return wrong_usage;
}

// What both commands need: the zone, the schedule, and from when on. Nothing when one of them is wrong, which
// is then told, and `code` is what to exit with.
struct Asked {
    std::shared_ptr<const schedule::Zone> zone;
    schedule::Schedule schedule;
    Instant from;
};

std::optional<Asked> read_asked(const Global& global, const NextFlags& flags, int& code) {
    const auto settings = settings_of(global);
    if (!settings) return code = tell_usage(settings.error()), std::nullopt;
    const schedule::Zones zones([&](std::string_view name) {
        return app::read_zone_file(settings->config.schedule.zoneinfo, name);
    });
    const auto zone = zones.find(flags.timezone);
    if (!zone) {
        code =
            refuse(global, {.code = "unknown-timezone",
                            .message = fmt::format(
                                "unknown time zone \"{}\"; give an IANA name such as Europe/Berlin",
                                flags.timezone)});
        return std::nullopt;
    }
    const auto from = flags.from.empty() ? SystemClock{}.now() : parse_iso8601(flags.from);
    if (!from) {
        code = refuse(
            global,
            {.code = "bad-request",
             .message = fmt::format(
                 "--from: \"{}\" is not an ISO 8601 time such as 2026-12-01T02:00Z", flags.from)});
        return std::nullopt;
    }
    auto schedule = schedule::Schedule::parse(
        flags.expression, {.type = {},
                           .day_match = *schedule::day_match_from(flags.day_match),
                           // As of a job that is made then.
                           .anchor = zone->local_midnight(*from),
                           .clock = {.gap = *schedule::gap_from(flags.dst_gap),
                                     .fold = *schedule::fold_from(flags.dst_fold)},
                           .zone = zone,
                           .zones = &zones});
    if (!schedule) return code = refuse(global, schedule.error()), std::nullopt;
    if (schedule->type() == schedule::Type::cron && !schedule->is_at_start() &&
        !schedule->next_after(*from)) {
        code = refuse(global, {.code = "never-fires",
                               .message = fmt::format("it never runs: the clock of {} skips this "
                                                      "time on each date that matches",
                                                      flags.timezone)});
        return std::nullopt;
    }
    return Asked{zone, *std::move(schedule), *from};
}

int print_json(const Asked& asked, const NextFlags& flags) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("timezone", flags.timezone);
    write_told(out, {asked.schedule, flags.expression, asked.zone.get(), asked.from, flags.count});
    out.end_object();
    fmt::print("{}\n", text);
    return done;
}

void print_words(const Asked& asked) {
    fmt::print("{}{}\n", asked.schedule.words(), asked.zone->is_utc() ? " (UTC)" : "");
}

void print_slots(const Asked& asked, int count) {
    auto slot = asked.schedule.next_after(asked.from);
    if (!slot) fmt::print("  no coming times\n");
    for (int i = 0; i < count && slot; ++i, slot = asked.schedule.next_after(*slot))
        fmt::print("{}\n", line(*slot, asked.zone->offset_at(*slot)));
}

void print_warnings(const Asked& asked, const NextFlags& flags) {
    for (const auto& warning : asked.schedule.warnings(asked.from, flags.expression)) {
        fmt::print("{}: {}\n", warning.strong ? "warning" : "note", warning.message);
        if (warning.suggest) fmt::print("  perhaps: {}\n", told(*warning.suggest));
    }
}

}  // namespace

int next(const Global& global, const NextFlags& flags) {
    int code = done;
    const auto asked = read_asked(global, flags, code);
    if (!asked) return code;
    if (global.json) return print_json(*asked, flags);
    print_words(*asked);
    print_slots(*asked, flags.count);
    print_warnings(*asked, flags);
    return done;
}

int explain(const Global& global, const NextFlags& flags) {
    int code = done;
    const auto asked = read_asked(global, flags, code);
    if (!asked) return code;
    if (global.json) return print_json(*asked, flags);
    print_words(*asked);
    if (const auto expression = schedule::cron_of_phrase(flags.expression))
        fmt::print("As cron: {}\n", *expression);
    else if (auto text = asked->schedule.text(); !text.empty() && text != flags.expression)
        fmt::print("Written out: {}\n", text);
    const std::string rate = schedule::rate_words(asked->schedule.runs_per_week(asked->from));
    fmt::print("Type: {}{}{}\n", to_text(asked->schedule.type()), rate.empty() ? "" : ", ", rate);
    print_slots(*asked, flags.count);
    print_warnings(*asked, flags);
    return done;
}

}  // namespace cjv::cli
