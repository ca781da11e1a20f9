#pragma once
// When is the next time? The folder's face: a text becomes a Schedule, and a Schedule answers.
// Pure: no clock, no file, no environment. Zones come from schedule/zone.h, which is handed their
// bytes.

#include "base/clock.h"
#include "schedule/cron.h"
#include "schedule/every.h"
#include "schedule/once.h"
#include "schedule/refusal.h"
#include "schedule/solar.h"
#include "schedule/type.h"
#include "schedule/warning.h"
#include "schedule/window.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cjv::schedule {

class Zone;
class Zones;

// What a text needs besides itself.
struct Options {
    std::optional<Type> type = {};  // as the user declared it; nothing: worked out from the text
    DayMatch day_match = DayMatch::either;
    std::string hash_key = {};              // for `H`; the job's id
    Instant anchor{};                       // of an interval; the epoch unless a job sets its own
    ClockRule clock = {};                   // of a cron expression with fixed times
    std::shared_ptr<const Zone> zone = {};  // null: UTC
    Window window = {};                     // outside of it there are no slots
    // Those that a suggestion may name; null: each whose name could be one. Asked where a text is
    // refused; not kept.
    const Zones* zones = nullptr;
};

// Immutable; copies share the zone. Any thread may use one.
class Schedule {
public:
    // A job that runs by hand only.
    Schedule();
    static Parsed<Schedule> parse(std::string_view text, const Options& options);

    Type type() const;
    // "@reboot": once whenever a server starts. There is no next time then.
    bool is_at_start() const { return std::holds_alternative<AtStart>(rule_); }

    // The first slot strictly after `after` and in the window; nothing when there is none. Whole
    // seconds.
    std::optional<Instant> next_after(Instant after) const;

    // What a change of the clock has to do with this slot of it.
    std::optional<ClockChange> clock_change_at(Instant slot) const;

    // The text in one way of writing, which parses to what this was made from: an expression or
    // some in a row (see format.h), "every 90 minutes", "at 2027-01-31T08:00:00Z", "sunset 52.52
    // 13.405 -30", "@reboot", and nothing for what runs by hand only. A phrase is the expression that
    // it says. Zone, anchor and window are not part of it.
    std::string text() const;
    // "At 09:00 on weekdays, from 2027-01-01 at 00:00, in Europe/Berlin": for people, in English.
    std::string words() const;
    // `text` is what this was parsed from; changes of the clock are looked for in the year after
    // `from`, as far as the window goes.
    std::vector<Warning> warnings(Instant from, std::string_view text) const;
    // overlaps-itself: one run, which takes so long, is not over when the next one starts. Looks at the
    // next 1,000 slots.
    std::optional<Warning> overlap_warning(Instant from, std::chrono::seconds run) const;
    // How many slots a week has on average, over the year after `from`; of what comes more rarely
    // than every year, over 40 years. Before the window: how many it will have; 0 when it is over.
    double runs_per_week(Instant from) const;

private:
    using List = std::shared_ptr<const std::vector<Cron>>;
    // One expression, the usual case, lies here and not behind a pointer: parsing it allocates
    // nothing.
    struct AtStart {};
    using Rule = std::variant<std::monostate, Cron, Every, List, Once, Solar, AtStart>;

    // Without a suggestion for what is refused.
    static Parsed<Schedule> read(std::string_view text, const Options& options);
    Parsed<void> read_as(Type type, std::string_view text, const Options& options);
    Parsed<void> read_cron(std::string_view text, const Options& options);

    void keep_to(const Window& window);
    std::string words_of_window() const;
    bool may_be_dense() const;
    std::optional<std::chrono::sys_seconds> first_in(const Zone& zone,
                                                     std::chrono::sys_seconds from) const;
    std::optional<std::chrono::sys_seconds> first_in_utc(std::chrono::sys_seconds from) const;
    std::optional<std::chrono::sys_seconds> first_of_others(std::chrono::sys_seconds from) const;

    // The years 1 to 9999, which is what ISO 8601 writes with four digits.
    static constexpr std::chrono::sys_seconds kFirst{std::chrono::seconds{-62'135'596'800}};
    static constexpr std::chrono::sys_seconds kLast{std::chrono::seconds{253'402'300'799}};
    static constexpr Instant kBefore = kFirst - std::chrono::seconds{1};

    std::shared_ptr<const Zone> zone_;  // null: UTC
    Rule rule_;
    // The window, as next_after needs it.
    Instant before_ = kBefore;               // slots are later
    std::chrono::sys_seconds last_ = kLast;  // and no later than this
};

}  // namespace cjv::schedule
