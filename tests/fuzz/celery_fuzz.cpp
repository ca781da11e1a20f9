// Anything as an event, a task, a result or a reply, raw or as the body of a message: it is read or
// refused, every event is counted, and what is handed on as JSON is JSON.

#include "celery/control_reply.h"
#include "celery/event.h"
#include "celery/failure.h"
#include "celery/python_repr.h"
#include "celery/python_text.h"
#include "celery/task_reader.h"
#include "celery/task_refusal.h"
#include "celery/task_result.h"
#include "celery/task_state.h"
#include "celery/typed_json.h"
#include "celery/worker_state.h"

#include "base/json.h"
#include "base/utf8.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace cjv;
using namespace cjv::celery;

void demand(bool holds) {
    if (!holds) std::abort();
}

// A message with this body, as a worker would have to read it.
std::string wrapped(std::string_view body) {
    std::string text =
        R"({"content-type": "application/json", "headers": {"task": "t", "id": "i"},)"
        R"( "properties": {"body_encoding": "utf-8"}, "body": )";
    append_json_string(text, body);
    return text + "}";
}

void read_events(std::string_view text) {
    EventReader reader;
    TaskState task;
    WorkerState worker;
    for (int twice = 0; twice < 2; ++twice) {
        for (const Event& event : reader.read(text)) {
            demand(!event.hostname.empty() && has_isoformat(event.at));
            demand(is_task(event.type) == !event.task_id.empty() || !is_task(event.type));
            for (const auto field : {event.name, event.result, event.traceback, event.sw_ver})
                demand(is_utf8(field));
            const bool is_new = task.apply(event);
            demand(!is_new || twice == 0 || task.summary().crowded);
            worker.apply(event, event.at);
            (void)read_failure(event.exception, event.traceback);
        }
    }
    (void)task.summary();
    (void)worker.phase(worker.last_seen());
    const auto& counts = reader.counts();
    std::uint64_t refused = 0;
    for (const auto count : counts.refused) refused += count;
    demand(counts.seen == counts.read + refused && counts.messages == 2);
}

void read_task(std::string_view text) {
    TaskReader reader;
    const auto task = reader.read(text);
    if (!task) return demand(is_utf8(task.error().what));
    json::Tape tape;
    demand(task->args.empty() || task->args.starts_with('['));
    demand(task->kwargs.empty() || task->kwargs.starts_with('{'));
    demand(is_utf8(args_repr(tape, task->args)));
    // Sent again it is refused with words, or read again with the same arguments.
    const TaskMessage again{.task = task->task,
                            .id = task->id,
                            .args = task->args,
                            .kwargs = task->kwargs,
                            .queue = "q",
                            .delivery_tag = "d"};
    if (!refusals(again, Transport{}).empty()) return;
    std::string out;
    encode(again, out);
    TaskReader second;
    const auto read = second.read(out);
    demand(read && read->args == task->args && read->kwargs == task->kwargs);
    demand(json::parse(out).has_value());
}

void read_result(std::string_view text) {
    ResultReader reader;
    const auto read = reader.read(text);
    demand(read.result.has_value() == read.opaque.label.empty());
    if (!read.result || read.result->result.empty()) return;
    json::Tape tape;
    const auto item = tape.read(read.result->result);
    demand(item && plain_json(*item) == read.result->result);
}

void read_reply(std::string_view text) {
    ReplyReader reader;
    const auto replies = reader.read(text);
    if (!replies) return;
    json::Tape tape;
    for (const ControlReply& reply : *replies) {
        (void)read_stats(tape, reply.value);
        (void)read_held(tape, reply.value);
        (void)read_query(tape, reply.value);
        (void)read_registered(tape, reply.value);
        (void)read_queues(tape, reply.value);
        if (const auto conf = read_conf(tape, reply.value)) demand(tape.read(*conf).has_value());
    }
}

}  // namespace

// The first byte chooses the reader and whether the rest is a body or the whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const bool is_body = (data[0] & 4) != 0;
    const std::string text = is_body ? wrapped(rest) : std::string(rest);
    switch (data[0] & 3) {
        case 0: read_events(text); break;
        case 1: read_task(text); break;
        case 2: read_result(rest); break;
        default: read_reply(text); break;
    }
    return 0;
}
