#include "schedule/cron.h"

#include "schedule/civil.h"
#include "schedule/utf8.h"

#include <array>
#include <string>

namespace cjv::schedule {
namespace {

using std::chrono::local_seconds;
using std::chrono::seconds;

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

Cron::Cron(const Fields& fields)
    : times_(fields.seconds, fields.minutes, fields.hours),
      days_(fields.days),
      wildcard_(fields.wildcard),
      spelling_(fields.spelling) {}

Parsed<Cron> Cron::parse(std::string_view text, DayMatch match, std::string_view hash_key) {
    return parse_entry(text, text, match, hash_key);
}

Parsed<Cron> Cron::parse_entry(std::string_view text, std::string_view entry, DayMatch match,
                               std::string_view hash_key) {
    auto fields = read_fields(text, entry, match, hash_key);
    if (!fields) return std::unexpected(std::move(fields.error()));
    Cron cron(*fields);
    if (!cron.days_.ever()) return std::unexpected(never_matches(text, entry));
    return cron;
}

std::optional<local_seconds> Cron::at_or_after(local_seconds from) const {
    // Shifted by whole cycles of the calendar so that the division is of positive numbers.
    constexpr std::int64_t kCycles = 5;
    const auto shifted = static_cast<std::uint64_t>(from.time_since_epoch().count() +
                                                    kCycles * kDaysIn400Years * kDaySeconds);
    const auto today = static_cast<std::int32_t>(shifted / kDaySeconds - kCycles * kDaysIn400Years);
    const seconds of_day{shifted % kDaySeconds};

    const auto first_day = days_.at_or_after(today);
    if (!first_day) return std::nullopt;
    const auto at = [](std::int32_t d, seconds time) {
        return local_seconds{seconds{d * kDaySeconds} + time};
    };
    if (*first_day != today) return at(*first_day, times_.first());
    if (const auto time = times_.at_or_after(of_day)) return at(today, *time);
    const auto next_day = days_.at_or_after(today + 1);
    if (!next_day) return std::nullopt;
    return at(*next_day, times_.first());
}

}  // namespace cjv::schedule
