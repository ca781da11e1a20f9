#pragma once
// When is the next time? The folder's face: a text becomes a Schedule, and a Schedule answers.
// Pure: no clock, no file, no environment. Zones come from schedule/zone.h, which is handed their
// bytes.

#include "base/clock.h"
#include "schedule/refusal.h"
#include "schedule/type.h"

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

// What a text needs besides itself.
struct Options {
    std::optional<Type> type = {};  // as the user declared it; nothing: worked out from the text
    DayMatch day_match = DayMatch::either;
    std::string hash_key = {};              // for `H`; the job's id
    Instant anchor{};                       // of an interval; the epoch unless a job sets its own
    std::shared_ptr<const Zone> zone = {};  // null: UTC
};

// What people should know of a schedule that is accepted; `code` is from the closed list of
// docs/reference/schedules.md.
struct Warning {
    std::string code;
    std::string message;
    bool strong = false;  // most probably a slip: a form has it answered before it saves
    std::optional<Suggestion> suggest = {};
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
    // `text` is what this was parsed from; changes of the clock are looked for in the year after
    // `from`.
    std::vector<Warning> warnings(Instant from, std::string_view text) const;
    // How many slots a week has on average, over the year after `from`; of what comes more rarely
    // than every year, over 40 years.
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
