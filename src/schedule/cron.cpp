#include "schedule/cron.h"

#include "schedule/civil.h"
#include "schedule/entries.h"
#include "schedule/utf8.h"

#include <array>
#include <string>

namespace cjv::schedule {
namespace {

Refusal never_matches(std::string_view text, std::string_view entry) {
    std::array<std::string_view, 8> words;
    const auto count = split(entry, words);
    const auto day = words[count - 3], month = words[count - 2], weekday = words[count - 1];
    return {.field = std::string(name_of(Field::day_of_month)),
            .column = column_of(text, day),
            .code = "never-fires",
            .message = "no date ever matches day " + quoted(day) + " month " + quoted(month) +
                       " weekday " + quoted(weekday)};
}

}  // namespace

Cron::Cron(const Fields& fields, DayMatch match, ClockRule clock)
    : times_(fields.seconds, fields.minutes, fields.hours),
      days_(fields.days),
      wildcard_(fields.wildcard),
      day_match_(match),
      clock_rule_(clock) {}

Parsed<Cron> Cron::parse(std::string_view text, DayMatch match, std::string_view hash_key,
                         ClockRule clock) {
    return parse_entry(text, text, match, hash_key, clock);
}

Parsed<Cron> Cron::parse_entry(std::string_view text, std::string_view entry, DayMatch match,
                               std::string_view hash_key, ClockRule clock) {
    auto fields = read_fields(text, entry, match, hash_key);
    if (!fields) return std::unexpected(std::move(fields.error()));
    Cron cron(*fields, match, clock);
    if (!cron.days_.ever()) return std::unexpected(never_matches(text, entry));
    return cron;
}

}  // namespace cjv::schedule
