#pragma once
// A cron expression as text again, in one way of writing: it parses to what it was made from. Of any schedule:
// Schedule::text().

#include "schedule/cron.h"

#include <string>

namespace cjv::schedule {

// "0 9 * * 1-5". Names become numbers, macros and `H` the fields that they stand for; whether a field
// begins with a star stays as it was, because the clock rule and the day rule go by that. The day match
// and the clock rule that were asked for are not part of the text.
std::string format(const Cron& cron);

}  // namespace cjv::schedule
