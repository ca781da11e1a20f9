#pragma once
// The text of one cron expression: five or six fields, or a macro, become sets of values, or a
// refusal that says which piece is wrong. When the sets match is cron.h's business.

#include "schedule/days.h"
#include "schedule/field.h"
#include "schedule/refusal.h"
#include "schedule/type.h"

#include <cstdint>
#include <string_view>

namespace cjv::schedule {

struct Fields {
    std::uint64_t seconds = 1;
    std::uint64_t minutes = 0;
    std::uint32_t hours = 0;
    DayRule days = {};
    // The second, minute or hour field begins with `*`: such jobs follow the real clock through a
    // change of the offset (zone.h).
    bool wildcard = false;
};

// `entry` is a piece of `text`, in which the columns of a refusal count. `hash_key` is what `H`
// spreads by. Does not ask whether a date ever matches.
Parsed<Fields> read_fields(std::string_view text, std::string_view entry, DayMatch match,
                           std::string_view hash_key);

}  // namespace cjv::schedule
