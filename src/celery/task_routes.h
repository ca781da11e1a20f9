#pragma once
// The queue of a task whose sender names none: Celery's `task_routes` and `task_default_queue`. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace cjv::celery {

struct TaskRoutes {
    struct Rule {
        std::string task;  // a glob, see matches_glob()
        std::string queue;
    };
    std::vector<Rule> rules = {};  // in order: the first that matches the task's name wins
    std::string default_queue = "celery";

    const std::string& queue_of(std::string_view task) const;
};

// Whether `text` is what `glob` describes: `*` any characters, also none; `?` one; all others themselves.
bool matches_glob(std::string_view glob, std::string_view text);

}  // namespace cjv::celery
