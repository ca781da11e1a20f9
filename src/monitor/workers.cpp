#include "monitor/workers.h"

#include <algorithm>

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;
using celery::EventType;
using celery::WorkerPhase;

constexpr auto kFirstPause = 500ms;  // it may tell of itself more than a second before it listens
constexpr auto kLongestPause = 60'000ms;
// The pause after the fourth question: the third has had two seconds for its answer.
constexpr auto kAskedOften = 8'000ms;

}  // namespace

Workers::Known* Workers::known(std::string_view name) {
    if (const auto at = table_.find(name); at != table_.end()) return &at->second;
    // Beat answers pings, too, where it is told to listen; it is no worker.
    if (name.empty() || name.starts_with("celerybeat@") || table_.size() >= kMost) return nullptr;
    return &table_.try_emplace(std::string(name)).first->second;
}

// New, or started again: it knows nothing of what it was told before.
void Workers::meet_again(Known& worker, Instant now) {
    worker.pid = worker.state.pid();
    worker.online_since = worker.state.online_since();
    worker.tells_tasks = false;
    WorkerAnswers answers = *worker.answers;
    answers.stats.reset();
    worker.answers = std::make_shared<const WorkerAnswers>(std::move(answers));
    worker.ask_at = now;
    worker.pause = kFirstPause;
}

void Workers::note_task(std::string_view name, Instant now) {
    if (const auto at = seen_tasks_.find(name); at != seen_tasks_.end())
        at->second = now;
    else if (!name.empty() && seen_tasks_.size() < kMostTasks)
        seen_tasks_.try_emplace(std::string(name), now);
}

bool Workers::apply(const celery::Event& event, Instant now) {
    const std::scoped_lock lock(mutex_);
    note_task(event.name, now);
    if (event.type == EventType::task_sent) return true;  // a client's word
    Known* worker = known(event.hostname);
    if (!worker) return false;
    worker->state.apply(event, now);
    if (worker->state.pid() != worker->pid || worker->state.online_since() != worker->online_since)
        meet_again(*worker, now);
    if (is_task(event.type)) worker->tells_tasks = true;
    return true;
}

void Workers::take_answer(std::string_view name, std::string_view method,
                          const celery::ControlReply& reply, Instant now) {
    const std::scoped_lock lock(mutex_);
    Known* worker = known(name);
    if (!worker) return;
    if (!worker->state.last_heartbeat() && worker->state.last_seen() == Instant{})
        meet_again(*worker, now);
    worker->state.hear(now, kAskedEvery);
    WorkerAnswers answers = *worker->answers;
    if (method == "stats") {
        if (auto stats = celery::read_stats(tape_, reply.value)) {
            answers.stats = std::move(stats);
            answers.stats_text = celery::shown_stats(tape_, reply.value).value_or("");
        }
    } else if (method == "registered") {
        if (auto names = celery::read_registered(tape_, reply.value))
            answers.registered = *std::move(names);
    } else if (method == "active_queues") {
        if (auto queues = celery::read_queues(tape_, reply.value))
            answers.queues = *std::move(queues);
    } else if (method == "enable_events" && !reply.ok.empty()) {
        worker->tells_tasks = true;
    }
    if (worker->tells_tasks && answers.stats) worker->ask_at.reset();
    worker->answers = std::make_shared<const WorkerAnswers>(std::move(answers));
}

void Workers::set_has_runs(bool has_runs) {
    const std::scoped_lock lock(mutex_);
    has_runs_ = has_runs;
}

Worker Workers::view(const Table::value_type& row, Instant now) const {
    const Known& known = row.second;
    Worker worker{.name = row.first, .state = known.state, .answers = known.answers};
    if (known.tells_tasks || known.pause >= kAskedOften) worker.tells_tasks = known.tells_tasks;
    worker.phase = known.state.phase(now, worker.is_solo(), has_runs_);
    return worker;
}

std::vector<Worker> Workers::all(Instant now) const {
    const std::scoped_lock lock(mutex_);
    std::vector<Worker> workers;
    for (const auto& row : table_)
        if (Worker worker = view(row, now); worker.phase != WorkerPhase::gone)
            workers.push_back(std::move(worker));
    return workers;
}

std::optional<Worker> Workers::find(std::string_view name, Instant now) const {
    const std::scoped_lock lock(mutex_);
    const auto at = table_.find(name);
    if (at == table_.end()) return std::nullopt;
    return view(*at, now);
}

std::vector<TaskName> Workers::tasks(std::string_view part, Instant now) const {
    std::map<std::string_view, TaskName> found;
    const std::scoped_lock lock(mutex_);
    const auto look = [&](std::string_view name, Instant at) -> TaskName* {
        if (name.starts_with("celery.") || name.find(part) == name.npos) return nullptr;
        TaskName& task = found[name];
        task.seen_at = std::max(task.seen_at, at);
        return &task;
    };
    for (const auto& [name, at] : seen_tasks_) look(name, at);
    for (const auto& row : table_) {
        if (view(row, now).phase > WorkerPhase::late) continue;
        for (const std::string& name : row.second.answers->registered)
            if (TaskName* task = look(name, row.second.state.last_seen()))
                task->workers.push_back(row.first);
    }
    std::vector<TaskName> tasks;
    for (auto& [name, task] : found) {
        task.name = name;
        tasks.push_back(std::move(task));
    }
    return tasks;
}

std::vector<std::string> Workers::strangers(Instant now) {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> names;
    for (auto& [name, worker] : table_) {
        if (!worker.ask_at || *worker.ask_at > now) continue;
        if (worker.state.phase(now) > WorkerPhase::late) continue;
        worker.ask_at = now + worker.pause;
        worker.pause = std::min(2 * worker.pause, std::chrono::milliseconds{kLongestPause});
        names.push_back(name);
    }
    return names;
}

void Workers::forget_gone(Instant now) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(table_,
                  [&](const auto& row) { return view(row, now).phase == WorkerPhase::gone; });
}

}  // namespace cjv::monitor
