#pragma once
// Schedules in English, for people.

#include "schedule/cron.h"
#include "schedule/every.h"

#include <span>
#include <string>

namespace cjv::schedule {

// "Every 15 minutes from 08:00 to 18:59, Monday through Friday"
std::string words_of(const Cron& cron);
// "Every 90 minutes"
std::string words_of(const Every& every);

}  // namespace cjv::schedule
