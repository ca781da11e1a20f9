#pragma once
// What handlers may use: references that `app` fills in. Everything here outlives the server.

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "domain/target_json.h"
#include "monitor/health.h"
#include "schedule/zones.h"
#include "store/store.h"
#include "web/api/job_text.h"
#include "web/events.h"
#include "web/follow.h"
#include "web/throttle.h"

#include <functional>
#include <string>
#include <string_view>

namespace cjv::monitor {
class Fleet;
}  // namespace cjv::monitor

namespace cjv::web {

struct Context {
    store::Store& store;
    const schedule::Zones& zones;
    const Clock& clock;
    const Config& config;
    Log& log;
    Events& events;
    Follow& follow;
    Throttle& throttle;
    JobTexts& job_texts;
    monitor::Fleet* fleet = nullptr;  // null: no broker is configured
    std::string_view version;
    domain::TargetCheck celery_check = {};  // of a job that is saved, of a run that is asked for

    std::function<monitor::Health()> health;
    // Empty when it is so; else what is wrong. For machines, so asked without a sign-in.
    std::function<std::string()> not_alive;
    std::function<std::string()> not_ready;
};

}  // namespace cjv::web
