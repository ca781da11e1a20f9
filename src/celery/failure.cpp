#include "celery/failure.h"

namespace cjv::celery {
namespace {

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
}

// "billiard.exceptions.TimeLimitExceeded: …" is TimeLimitExceeded; empty for a line that names none.
std::string_view class_in(std::string_view line) {
    std::size_t end = 0;
    while (end < line.size() && is_name_letter(line[end])) ++end;
    if (end == 0 || (end < line.size() && line[end] != ':' && line[end] != '(')) return {};
    const auto name = line.substr(0, end);
    return name.substr(name.rfind('.') + 1);  // npos + 1 is 0
}

// The class in the last line that names one.
std::string_view class_at_end(std::string_view traceback) {
    while (!traceback.empty()) {
        const auto line_start = traceback.rfind('\n') + 1;  // npos + 1 is 0
        const auto name = class_in(traceback.substr(line_start));
        if (!name.empty() && name != "ExceptionWithTraceback") return name;
        traceback = traceback.substr(0, line_start == 0 ? 0 : line_start - 1);
    }
    return {};
}

// What stands in the quotes of NotRegistered('erp.add').
std::string_view quoted_in(std::string_view repr) {
    const auto open = repr.find_first_of("'\"");
    if (open == repr.npos) return {};
    const auto close = repr.rfind(repr[open]);
    return close > open ? repr.substr(open + 1, close - open - 1) : std::string_view();
}

}  // namespace

FailureKind failure_kind(std::string_view type) {
    if (type == "TimeLimitExceeded") return FailureKind::time_limit;
    if (type == "SoftTimeLimitExceeded") return FailureKind::soft_time_limit;
    if (type == "WorkerLostError" || type == "Terminated") return FailureKind::worker_lost;
    if (type == "NotRegistered") return FailureKind::not_registered;
    if (type == "Reject") return FailureKind::rejected;
    return FailureKind::exception;
}

Failure read_failure(std::string_view exception, std::string_view traceback) {
    if (exception.starts_with("reject requeue="))
        return {.kind = FailureKind::rejected, .type = "Reject"};
    auto type = class_in(exception);
    if (type.empty() || type == "ExceptionWithTraceback") type = class_at_end(traceback);
    Failure failure{.kind = failure_kind(type), .type = std::string(type)};
    if (failure.kind == FailureKind::not_registered) failure.task_name = quoted_in(exception);
    return failure;
}

}  // namespace cjv::celery
