#include "web/api/workers.h"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/fleet.h"
#include "web/api/paging.h"

namespace cjv::web {
namespace {

using monitor::Worker;

// The name in the path; empty when it cannot be one.
std::string path_name(const Request& request) {
    return percent_decode(request.value, Plus::literal).value_or("");
}

Error no_such_worker() { return {Errc::not_found, "Not found."}; }

void write_queues(json::Writer& out, const Worker& worker) {
    out.key("queues");
    out.begin_array();
    for (const auto& queue : worker.answers->queues) out.value(queue.name);
    out.end_array();
}

void write_load(json::Writer& out, const Worker& worker) {
    out.key("load");
    const auto load = worker.state.loadavg();
    if (!load) return out.value(nullptr);
    out.begin_array();
    for (const double minutes : *load) out.value(minutes);
    out.end_array();
}

// The members that a worker has in lists, too.
void write_members(json::Writer& out, const Worker& worker,
                   std::optional<std::int64_t> active_count) {
    const auto& stats = worker.answers->stats;
    const auto text_or_null = [&](std::string_view key, const std::string& text) {
        out.key(key);
        text.empty() ? out.value(nullptr) : out.value(text);
    };
    out.field("name", worker.name);
    out.field("state", to_text(worker.phase));
    text_or_null("pool", stats ? stats->pool : "");
    out.field("concurrency", stats ? stats->concurrency : std::nullopt);
    out.field("active_count", active_count);
    out.field("processed", worker.state.processed());
    write_load(out, worker);
    const auto offset = worker.state.clock_offset();
    out.field("clock_offset", offset ? std::optional(double(offset->count()) / 1e6) : std::nullopt);
    text_or_null("software", worker.state.software());
    out.field("last_heartbeat", worker.state.last_heartbeat());
    out.field("task_events", worker.tells_tasks);
    write_queues(out, worker);
}

void write_held(json::Writer& out, std::string_view key,
                const std::vector<celery::HeldTask>& tasks) {
    out.key(key);
    out.begin_array();
    for (const celery::HeldTask& task : tasks) {
        out.begin_object();
        out.field("id", task.id);
        out.field("task", task.type.empty() ? task.name : task.type);
        out.field("args", task.args);
        out.field("kwargs", task.kwargs);
        out.field("started_at", task.started_at);
        out.field("eta", task.eta);
        out.field("queue", task.routing_key);
        out.field("priority", task.priority);
        out.field("pid", task.worker_pid);
        out.end_object();
    }
    out.end_array();
}

void write_detail(json::Writer& out, const monitor::WorkerDetail& detail) {
    const auto& answers = *detail.worker.answers;
    out.begin_object();
    write_members(out, detail.worker,
                  detail.has_answered ? std::optional(std::ssize(detail.active))
                                      : detail.worker.state.active());
    out.key("registered");
    out.begin_array();
    for (const std::string& name : answers.registered) out.value(name);
    out.end_array();
    write_held(out, "active", detail.active);
    write_held(out, "reserved", detail.reserved);
    write_held(out, "scheduled", detail.scheduled);
    out.field("stats", json::Raw{answers.stats_text.empty() ? "null" : answers.stats_text});
    out.end_object();
}

Response answered(const monitor::ControlAnswers& answers) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.key("replies");
    out.begin_object();
    for (const auto& [worker, reply] : answers.replies) out.field(worker, json::Raw{reply});
    out.end_object();
    out.key("silent");
    out.begin_array();
    for (const std::string& worker : answers.silent) out.value(worker);
    out.end_array();
    out.end_object();
    return json(200, std::move(text));
}

// Asks these workers; empty: all.
Response control(const Request& request, Context& app, std::string_view action,
                 std::vector<std::string> workers) {
    const auto body = read_object(request);
    if (!body) return problem(request, body.error());
    const auto command = monitor::read_control(action, *body);
    if (!command) return problem(request, command.error());
    const auto answers = app.fleet->control(*command, std::move(workers));
    if (!answers) return problem(request, answers.error());
    return answered(*answers);
}

// "/api/workers/w1@host/ping/" → "ping"
std::string_view action_of(const Request& request) {
    std::string_view path = request.path;
    path.remove_suffix(1);
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

Response list_workers(const Request& request, Context& app) {
    const auto page = read_page(request);
    if (!page) return problem(request, page.error());
    const auto workers = app.fleet ? app.fleet->workers().all(request.now) : std::vector<Worker>();
    return answer_page(request, app.config.server.trusted_proxies, *page, workers,
                       [](json::Writer& out, const Worker& worker) {
                           out.begin_object();
                           write_members(out, worker, worker.state.active());
                           out.end_object();
                       });
}

Response show_worker(const Request& request, Context& app) {
    if (!app.fleet) return problem(request, no_such_worker());
    const auto detail = app.fleet->look_at(path_name(request));
    if (!detail) return problem(request, detail.error());
    if (!*detail) return problem(request, no_such_worker());
    std::string text;
    json::Writer out(text);
    write_detail(out, **detail);
    return json(200, std::move(text));
}

Response control_worker(const Request& request, Context& app) {
    const std::string name = path_name(request);
    if (!app.fleet || !app.fleet->workers().find(name, request.now))
        return problem(request, no_such_worker());
    const std::string_view action = action_of(request);
    if (action != "ping")
        app.log.info("workers.control",
                     {{"action", action}, {"worker", name}, {"by", request.caller->user.username}});
    return control(request, app, action, {name});
}

Response revoke_task(const Request& request, Context& app) {
    if (!app.fleet) return problem(request, Error{Errc::unavailable, "No broker is configured."});
    app.log.info("workers.control",
                 {{"action", std::string_view("revoke")}, {"by", request.caller->user.username}});
    return control(request, app, "revoke", {});
}

Response list_tasks(const Request& request, Context& app) {
    const auto page = read_page(request);
    if (!page) return problem(request, page.error());
    const auto tasks = app.fleet ? app.fleet->workers().tasks(
                                       request.parameter("search").value_or(""), request.now)
                                 : std::vector<monitor::TaskName>();
    return answer_page(request, app.config.server.trusted_proxies, *page, tasks,
                       [](json::Writer& out, const monitor::TaskName& task) {
                           out.begin_object();
                           out.field("name", task.name);
                           out.key("workers");
                           out.begin_array();
                           for (const std::string& worker : task.workers) out.value(worker);
                           out.end_array();
                           out.field("seen_at", task.seen_at);
                           out.end_object();
                       });
}

}  // namespace cjv::web
