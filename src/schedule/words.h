#pragma once
// Schedules in English, for people.

#include "schedule/cron.h"
#include "schedule/every.h"
#include "schedule/once.h"
#include "schedule/solar.h"

#include <chrono>
#include <string>

namespace cjv::schedule {

// "Every 15 minutes from 08:00 to 18:59, Monday through Friday"
std::string words_of(const Cron& cron);
// "Every 90 minutes"
std::string words_of(const Every& every);
// "Once, on 2027-01-31 at 09:00", by a wall clock with that offset
std::string words_of(const Once& once, std::chrono::seconds offset);
// "30 minutes before sunset at 52.52, 13.405"
std::string words_of(const Solar& solar);

// "about 1 run a week", "about 2.2 runs a month", "about 1 run in 4 years", in the smallest of these units in which it is
// one at least; exact to two digits. Empty for 0.
std::string rate_words(double runs_per_week);

}  // namespace cjv::schedule
