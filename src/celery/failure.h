#pragma once
// What the exception of a failed task says, as events carry it: its repr() and the traceback.

#include <cstdint>
#include <string>
#include <string_view>

namespace cjv::celery {

enum class FailureKind : std::uint8_t {
    exception,
    time_limit,       // the hard one: the process was killed
    soft_time_limit,  // raised inside the task, which let it through
    worker_lost,      // the child process died: killed, out of memory
    not_registered,   // no worker knows the task
    rejected,         // Reject without requeue, as Celery 5.7 tells it
};

struct Failure {
    FailureKind kind = FailureKind::exception;
    std::string type;            // "ValueError"; empty when nobody can tell
    std::string task_name = {};  // with not_registered: the task's

    bool operator==(const Failure&) const = default;
};

// From Celery 5.3 on, a killed process is told as "ExceptionWithTraceback()", and only the
// traceback's end names the class.
Failure read_failure(std::string_view exception, std::string_view traceback);

// The kind for a class, as results name it.
FailureKind failure_kind(std::string_view type);

}  // namespace cjv::celery
