#include "schedule/schedule.h"

namespace cjv::schedule {

std::vector<Warning> Schedule::warnings(Instant) const { return {}; }

}  // namespace cjv::schedule
