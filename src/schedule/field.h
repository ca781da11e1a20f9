#pragma once
// One field of a cron expression: its text becomes a set of values. How fields make an expression is
// fields.h's business.

#include "schedule/days.h"
#include "schedule/refusal.h"
#include "schedule/sets.h"

#include <cstdint>
#include <string_view>

namespace cjv::schedule {

enum class Field : std::uint8_t { second, minute, hour, day_of_month, month, day_of_week };
inline constexpr std::size_t kFields = 6;

// "day-of-month": as refusals and the form call it.
std::string_view name_of(Field field);
// The values that a set may hold; Sunday is 0 alone.
Bounds bounds_of(Field field);

struct FieldText {
    std::string_view text;   // the expression, in which the columns of a refusal count
    std::string_view words;  // the field, a piece of it; not empty
    Field field;
    std::string_view hash_key;  // what `H` spreads by
};

// Bit v of the answer: the value v. What only a day field can say (L, W and #) goes to `days`.
Parsed<std::uint64_t> read_field(const FieldText& input, DayRule& days);

}  // namespace cjv::schedule
