#pragma once
// Events of Celery whose boring parts are filled in.

#include "base/iso8601.h"
#include "celery/event.h"

#include <chrono>
#include <string_view>

namespace cjv::support {

inline const Instant kEventsBegin = parse_iso8601("2026-12-01T02:00:00Z").value();

// Of the task "t" on the worker "w1@host".
inline celery::Event task_event(celery::EventType type, std::chrono::milliseconds after,
                                std::string_view worker = "w1@host") {
    return {.type = type,
            .hostname = worker,
            .pid = 7,
            .clock = after.count() + 1,
            .at = kEventsBegin + after,
            .task_id = "t"};
}

inline celery::Event worker_event(celery::EventType type, std::chrono::milliseconds after,
                                  std::string_view worker = "w1@host") {
    return {.type = type,
            .hostname = worker,
            .pid = 7,
            .clock = after.count() + 1,
            .at = kEventsBegin + after,
            .freq = 2.0,
            .active = 0,
            .processed = 0,
            .sw_ident = "py-celery",
            .sw_ver = "5.7.0",
            .sw_sys = "Linux"};
}

}  // namespace cjv::support
