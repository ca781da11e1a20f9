#pragma once
// When is the next time? The folder's face: a text becomes a Schedule, and a Schedule answers.
// Pure: no clock, no file, no environment. Zones come from schedule/zone.h, which is handed their
// bytes.

#include "base/clock.h"
#include "schedule/refusal.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cjv::schedule {

class Zone;
class Cron;
class Every;

enum class Type : std::uint8_t { cron, interval, clocked, solar, manual };
std::string_view to_text(Type type);
std::optional<Type> type_from(std::string_view text);

// How the two day fields of a cron expression combine when both are restricted.
enum class DayMatch : std::uint8_t { either, both };
std::string_view to_text(DayMatch match);
std::optional<DayMatch> day_match_from(std::string_view text);

// What a text needs besides itself.
struct Options {
    std::optional<Type> type = {};  // as the user declared it; nothing: worked out from the text
    DayMatch day_match = DayMatch::either;
    std::string hash_key = {};              // for `H`; the job's id
    Instant anchor{};                       // of an interval; the epoch unless a job sets its own
    std::shared_ptr<const Zone> zone = {};  // null: UTC
};

// A warning about an accepted schedule; `code` is from the closed list of
// docs/reference/schedule.md.
struct Warning {
    std::string code;
    std::string message;
    bool strong = false;
    std::string suggest = {};
};

// Immutable; copies share the zone. Any thread may use one.
class Schedule {
public:
    // A job that runs by hand only.
    Schedule();
    static Parsed<Schedule> parse(std::string_view text, const Options& options);

    Type type() const;

    // The first slot strictly after `after`; nothing when there is none. Whole seconds.
    std::optional<Instant> next_after(Instant after) const;

    // "At 09:00 on weekdays": for people, in English.
    std::string words() const;
    std::vector<Warning> warnings(Instant from) const;
    // How many slots a week has on average, measured over the year after `from`.
    double runs_per_week(Instant from) const;

private:
    // What is behind it is schedule.cpp's and its neighbours' business.
    using Rule =
        std::variant<std::monostate, std::shared_ptr<const Cron>, std::shared_ptr<const Every>,
                     std::shared_ptr<const std::vector<Cron>>>;
    Rule rule_;
    std::shared_ptr<const Zone> zone_;  // null: UTC
};

}  // namespace cjv::schedule
