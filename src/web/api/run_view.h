#pragma once
// What the API shows of a run, and of a range of slots that did not run.

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "store/store.h"

namespace cjv::web {

// What is known of the job of a run, also when it is deleted.
struct JobLabel {
    std::optional<Uuid> id;
    std::string name;
    std::string task;
    bool is_celery = false;  // its runs are Celery's tasks, under their own ids
};

struct RunViewing {
    JobLabel job;
    std::optional<std::string> triggered_by = {};    // a user's name
    std::optional<std::string> output_message = {};  // absent where output is left out
    bool stages = false;                             // attempts, notes and evidence as well
    std::vector<domain::Attempt> attempts = {};      // where there was more than one
    std::vector<RunId> reruns = {};                  // that repeat it, newest first
};

void write_run(json::Writer& out, const domain::Run& run, const RunViewing& viewing);
void write_skip(json::Writer& out, const domain::Skip& skip, const RunViewing& viewing);

// "Cancelling" while a cancel was asked for and the run is not final; else the status in words.
std::string_view status_display(domain::Status status, bool cancel_requested);
// "0.64s", "4.2s", "3m 5s", "2h 10m"; "N/A" without a duration.
std::string duration_text(std::optional<std::chrono::microseconds> duration);
// Seconds as a number, to the microsecond.
std::optional<double> execution_time(const domain::Run& run);

}  // namespace cjv::web
