#pragma once
// When a job should have been due, by trying every minute: independent of src/schedule on purpose.
// It knows schedules by the numbers that it drew itself (it parses nothing), and zones by tables
// written down here.

#include "base/clock.h"

#include <cstdint>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::sim {

// Random numbers that are the same on every machine.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    // 0 to sides - 1; `sides` is at least 1.
    std::int64_t roll(std::int64_t sides) { return std::int64_t(random_() % std::uint64_t(sides)); }
    std::int64_t between(std::int64_t low, std::int64_t high) { return low + roll(high - low + 1); }
    bool one_in(std::int64_t n) { return roll(n) == 0; }
    template <class T>
    const T& pick(std::span<const T> of) {
        return of[std::size_t(roll(std::int64_t(of.size())))];
    }

private:
    std::mt19937_64 random_;
};

struct OracleZone {
    struct Change {
        std::int64_t at;      // seconds since the epoch
        std::int64_t offset;  // seconds east of Greenwich, from then on
    };
    std::string_view name;
    std::vector<Change> changes;                 // the first holds since ever
    std::int64_t from, until;                    // the time for which `changes` is true
    std::vector<std::int64_t> interesting = {};  // moments around which a world is worth living in

    std::int64_t offset_at(std::int64_t at) const;
};
std::span<const OracleZone> oracle_zones();
// One whose table holds for a month from `at`.
const OracleZone& draw_zone(Dice& dice, std::int64_t at);

// One field of a cron expression: what it says and how it is written.
struct CronField {
    std::set<int> values = {};
    std::string text;
    bool has_star = false;  // begins with '*'
};

struct Spec {
    enum class Type { manual, interval, cron, at_start };
    Type type = Type::manual;
    std::int64_t every = 0;   // interval: seconds
    std::int64_t anchor = 0;  // interval: seconds since the epoch
    CronField minute = {}, hour = {}, day = {}, month = {}, weekday = {};
    const OracleZone* zone = nullptr;
    // Of what has times: the first second that may be a slot, and the first that may not any more.
    std::int64_t start = INT64_MIN, end = INT64_MAX;

    std::string text() const;
};

// A schedule that is due a few times a day to a few times a minute.
Spec draw_spec(Dice& dice, const OracleZone& zone, std::int64_t now);

// All slots in (after, until], in seconds since the epoch, in order.
std::vector<std::int64_t> slots(const Spec& spec, std::int64_t after, std::int64_t until);

}  // namespace cjv::sim
