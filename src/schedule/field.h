#pragma once
// One field of a cron expression: its text becomes a set of values. How fields make an expression is
// fields.h's business.

#include "schedule/days.h"
#include "schedule/refusal.h"

#include <cstdint>
#include <string_view>

namespace cjv::schedule {

enum class Field : std::uint8_t { second, minute, hour, day_of_month, month, day_of_week };
inline constexpr std::size_t kFields = 6;

// "day-of-month": as refusals and the form call it.
std::string_view name_of(Field field);

// How the fields were written, where their sets do not tell: for warnings.
struct Spelling {
    bool six_fields = false;
    bool question_mark = false;
    bool day_star_step = false;  // a day field begins with `*/`
    bool weekday_digits = false;
    std::uint8_t stars = 0;       // bit of a field: it is `*`
    std::uint8_t long_steps = 0;  // bit of a field: a step leads past the whole range
};

struct FieldText {
    std::string_view text;   // the expression, in which the columns of a refusal count
    std::string_view words;  // the field, a piece of it; not empty
    Field field;
    std::string_view hash_key;  // what `H` spreads by
};

// Bit v of the answer: the value v. What only a day field can say (L, W and #) goes to `days`.
Parsed<std::uint64_t> read_field(const FieldText& input, DayRule& days, Spelling& spelling);

}  // namespace cjv::schedule
