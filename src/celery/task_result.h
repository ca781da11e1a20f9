#pragma once
// What the Redis result backend stores under "celery-task-meta-<task id>". Sources: celery/backends/
// of Celery 5.2 to 5.7, and redis_results.json in tests/golden/celery.

#include "base/clock.h"
#include "base/error.h"
#include "base/json_tape.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::celery {

// The key, and the channel on which the same text is published. `prefix` is `global_keyprefix` of
// `result_backend_transport_options`; Celery puts `_` behind it unless it ends in one of ": _ - .".
std::string result_key(std::string_view prefix, std::string_view task_id);
// The id back; nothing when the key is not a task's.
std::optional<std::string_view> task_id_of_key(std::string_view prefix, std::string_view key);

struct TaskException {
    std::string type;          // "ValueError"
    std::string module = {};   // "builtins"
    std::string message = {};  // what str() of the exception gives

    bool operator==(const TaskException&) const = default;
};

struct TaskResult {
    std::string state;  // "SUCCESS", or a word of the application's own
    std::string task_id = {};
    // JSON for people: typed values as texts, see plain_json(). Empty where there is an `exception`,
    // and for a result that is too large to take apart: then `unshown` says so.
    std::string result = {};
    std::string unshown = {};
    std::optional<TaskException> exception = {};
    std::string traceback = {};
    std::optional<Instant> date_done = {};
    std::vector<std::string> children = {};  // ids of tasks that it started; of a group its own id
    std::string parent_id = {};
    std::string group_id = {};
    // With `result_extended` only.
    std::string name = {};
    std::string worker = {};
    std::string queue = {};
    std::optional<std::int64_t> retries = {};
};

// SUCCESS, FAILURE, REVOKED: nothing follows, except in error.
bool is_ready(std::string_view state);

// What cannot be read is told by name and never decoded: "pickle", "compressed (zstd)", "not JSON".
struct OpaqueResult {
    std::string label;
};

struct ReadResult {
    std::optional<TaskResult> result = {};
    OpaqueResult opaque = {};  // has a label when there is no result
};

// For one thread at a time; keeps its memory.
class ResultReader {
public:
    // `stored` is the key's value. Results that Celery 5.7 compressed with zlib are undone, up to
    // 64 MiB.
    ReadResult read(std::string_view stored);

private:
    ReadResult read_json(std::string_view text);
    void read_outcome(std::string_view raw, TaskResult& result);

    json::Tape outer_;
    json::Tape inner_;
};

}  // namespace cjv::celery
