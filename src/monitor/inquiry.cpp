#include "monitor/inquiry.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;
using domain::Run;
using domain::Status;

constexpr std::size_t kRunsAtOnce = 500;
constexpr auto kTurn = 250ms;  // while runs are open
constexpr auto kIdleTurn = 1'000ms;
constexpr auto kFirstTurns =
    20ms;  // until the broker is there: what is sent at once shall be heard
constexpr auto kStall = 30s;
constexpr auto kPatience = 1'000ms;   // for answers of workers
constexpr auto kLookAgain = 2'000ms;  // after a worker said that it does not know a run
constexpr auto kAskAllEvery = Workers::kAskedEvery;
constexpr auto kMeasureEvery = 5s;

// "maxmemory_policy:noeviction" among the lines of INFO.
std::string_view info_value(std::string_view info, std::string_view key) {
    const std::string line = "\n" + std::string(key) + ":";
    const auto at = info.find(line);
    if (at == info.npos) return {};
    const auto value = info.substr(at + line.size());
    return value.substr(0, value.find_first_of("\r\n"));
}

std::uint64_t number_in(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// A run that is new and pending is not with Celery yet.
bool concerns_us(const store::Change& change) {
    using What = store::Change::What;
    if (change.what == What::cancel_asked) return true;
    return change.what == What::run && (change.before || change.after != Status::pending);
}

}  // namespace

// A job that was deleted meanwhile is not on the board; its local runs have a process.
bool Inquiry::is_with_celery(const Run& run) const {
    if (!run.job) return true;
    const auto entry = parts_.store.board().find(run.job);
    return entry ? entry->job->kind == domain::Kind::celery : !run.process;
}

Result<void> Inquiry::recover() {
    const Instant now = parts_.clock.now();
    return parts_.store.each_open_run([&](const Run& run) {
        if (!is_with_celery(run)) return;
        open_.put(run.id, run.status, now);
        if (run.cancel_requested) recalled_.emplace(run.id, task_id_of(run));
    });
}

void Inquiry::on_commit(const store::Commit& commit) {
    inbox_.put(commit.changes, concerns_us);
    const bool is_urgent = std::ranges::any_of(commit.changes, [](const store::Change& change) {
        return change.what == store::Change::What::cancel_asked;
    });
    if (!is_urgent) return;
    const std::scoped_lock lock(mutex_);
    rung_ = true;
    bell_.notify_one();
}

void Inquiry::start(Progress& progress) {
    Mark& mark = progress.add("inquiry", kStall, parts_.clock.steady());
    thread_ = std::thread([this, &mark] { loop(mark); });
}

void Inquiry::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    bell_.notify_all();
    if (thread_.joinable()) thread_.join();
}

RedisFacts Inquiry::broker() const {
    const std::scoped_lock lock(mutex_);
    RedisFacts facts = broker_;
    facts.connection = parts_.broker.state();
    return facts;
}

void Inquiry::loop(Mark& mark) {
    for (;;) {
        mark.move(parts_.clock.steady());
        const bool more = turn();
        std::unique_lock lock(mutex_);
        if (stopping_) break;
        const bool is_first = parts_.broker.state().is == net::RedisState::Is::connecting;
        const auto usual = open_.size() > 0 ? std::chrono::milliseconds{kTurn} : kIdleTurn;
        const auto pause = is_first ? std::chrono::milliseconds{kFirstTurns} : usual;
        if (!more) bell_.wait_for(lock, pause, [this] { return stopping_ || rung_; });
        rung_ = false;
        if (stopping_) break;
    }
    mark.rest();
}

bool Inquiry::turn() {
    take_changes();
    bool more = false;
    if (parts_.broker.state().is_ready()) {
        greet();
        meet_strangers();
        ask_all();
    }
    measure();
    more = look_after_runs();
    const Instant now = parts_.clock.now();
    parts_.workers.set_has_runs(open_.size() > 0);
    parts_.workers.forget_gone(now);
    return more;
}

void Inquiry::take_changes() {
    using What = store::Change::What;
    const Instant now = parts_.clock.now();
    for (const store::Change& change : inbox_.take()) {
        const auto entry = parts_.store.board().find(change.job);
        if (change.job && (!entry || entry->job->kind != domain::Kind::celery) &&
            !is_final(change.after))
            continue;
        if (change.what == What::cancel_asked) {
            revoke(change.run, change.terminate);
            continue;
        }
        open_.put(change.run, change.after, now);
        // It had ended for us at once; its next attempt waits with the workers, or its message has left and the
        // broker's word is on its way.
        const bool may_have_left =
            change.before == Status::retrying || change.before == Status::pending;
        const bool is_called_back =
            change.reason == domain::Reason::by_user || change.reason == domain::Reason::revoked;
        const bool is_local = entry && entry->job->kind != domain::Kind::celery;
        if (is_final(change.after) && may_have_left && is_called_back && !is_local)
            revoke(change.run, false);
        if (is_final(change.after)) recalled_.erase(change.run);
        if (!entry || !entry->job->timeout) continue;
        // From its start or its sending, which were a moment ago.
        open_.look_at(change.run, now + std::chrono::seconds{*entry->job->timeout});
    }
}

void Inquiry::revoke(const RunId& id, bool terminate) {
    const auto run = parts_.store.find_run(id);
    const std::array ids = {run && *run ? task_id_of(**run) : to_text(id)};
    recalled_.emplace(id, ids[0]);
    open_.look_at(id, parts_.clock.now() + 500ms);  // newer workers store that they heard it
    if (const auto told = parts_.remote.tell(celery::revoke(ids, terminate ? "SIGTERM" : ""));
        !told)
        parts_.log.warn("celery.revoke_failed", {{"task", ids[0]}, {"error", told.error().what}});
}

// --- runs

bool Inquiry::look_after_runs() {
    const Instant now = parts_.clock.now();
    const auto due = open_.due(now, kRunsAtOnce);
    std::vector<Run> runs;
    std::vector<std::string> ids;
    for (const RunId& id : due) {
        auto run = parts_.store.find_run(id);
        if (!run) {
            parts_.log.warn("celery.look_failed",
                            {{"run", to_text(id)}, {"error", run.error().what}});
            continue;
        }
        if (!*run || is_final((*run)->status)) {
            open_.put(id, Status::success, now);  // nothing to look after
            continue;
        }
        ids.push_back(task_id_of(**run));
        runs.push_back(**std::move(run));
    }
    if (runs.empty()) return false;
    std::vector<celery::ReadResult> stored(runs.size());
    if (parts_.results) {
        auto read = parts_.results->read(ids);
        // What is stored there may be the end: without it nothing is known, and nothing is concluded.
        if (!read) return false;
        stored = std::move(*read);
    }
    conclude(runs, stored);
    return due.size() == kRunsAtOnce;
}

void Inquiry::conclude(const std::vector<Run>& runs,
                       const std::vector<celery::ReadResult>& stored) {
    const Instant now = parts_.clock.now();
    std::map<std::string, std::vector<Run>> unsure;  // by worker
    std::vector<Run> unplaced;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Run& run = runs[i];
        Evidence evidence{.now = now,
                          .started_at = run.started_at,
                          .stored = stored[i],
                          .complete_since = parts_.ingest.complete_since(),
                          .worker = parts_.workers.find(run.worker, now),
                          .unknown = open_.unknown(run.id)};
        if (run.attempt > 1)
            if (const auto attempts = parts_.store.attempts_of(run.id);
                attempts && !attempts->empty())
                evidence.started_at = attempts->back().started_at;
        const auto entry = parts_.store.board().find(run.job);
        if (auto end = verdict_on(run, entry.get(), evidence)) {
            parts_.store.observe_task(*std::move(end));
            continue;
        }
        if (const auto deadline = deadline_of(run, entry.get())) open_.look_at(run.id, *deadline);
        if (stored[i].result && run.status == Status::queued) open_.look_at(run.id, now + 1s);
        if (is_worth_asking(run, evidence)) unsure[run.worker].push_back(run);
        if (is_worth_seeking(run, evidence)) unplaced.push_back(run);
    }
    ask_for(unsure);
    seek(unplaced);
}

// Which of these runs their workers know.
void Inquiry::ask_for(const std::map<std::string, std::vector<Run>>& by_worker) {
    for (const auto& [worker, runs] : by_worker) {
        std::vector<std::string> ids;
        for (const Run& run : runs) ids.push_back(task_id_of(run));
        const std::array commands = {celery::query_task(ids)};
        const auto answers = parts_.remote.ask(commands, {worker}, kPatience);
        if (!answers || (*answers)[0].empty()) continue;  // at work, or away: that says nothing
        const celery::ControlReply& reply = (*answers)[0][0];
        const auto known = celery::read_query(tape_, reply.value);
        if (!known || !reply.error.empty()) continue;
        const Instant now = parts_.clock.now();
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const bool is_known = known->contains(ids[i]);
            open_.note_known(runs[i].id, is_known);
            if (!is_known) open_.look_at(runs[i].id, now + kLookAgain);
        }
    }
}

// Which worker runs them: one that was told to tell of its tasks too late for these.
void Inquiry::seek(const std::vector<Run>& runs) {
    std::vector<std::string> workers;
    for (const Worker& worker : parts_.workers.all(parts_.clock.now()))
        if (worker.phase == celery::WorkerPhase::online && !worker.is_solo())
            workers.push_back(worker.name);
    if (runs.empty() || workers.empty()) return;
    std::vector<std::string> ids;
    ids.reserve(runs.size());
    for (const Run& run : runs) ids.push_back(task_id_of(run));
    const std::array commands = {celery::query_task(ids)};
    const auto answers = parts_.remote.ask(commands, workers, kPatience);
    if (!answers) return;
    for (const celery::ControlReply& reply : (*answers)[0]) {
        const auto known = celery::read_query(tape_, reply.value);
        if (!known) continue;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const auto task = known->find(ids[i]);
            if (task == known->end() || task->second.place != "active") continue;
            parts_.store.observe_task(
                found_running(runs[i], reply.worker, task->second.started_at, parts_.clock.now()));
        }
    }
}

// --- workers

// Workers that run already may take a task before we have heard of them.
void Inquiry::greet() {
    const std::int64_t connection = parts_.broker.state().connection;
    if (connection == greeted_) return;
    if (parts_.remote.tell(celery::enable_events())) greeted_ = connection;
}

// Events are switched on in those that have just come, and they are told what was revoked.
void Inquiry::meet_strangers() {
    const auto strangers = parts_.workers.strangers(parts_.clock.now());
    if (strangers.empty()) return;
    std::vector<std::string> recalled;
    recalled.reserve(recalled_.size());
    for (const auto& [run, task_id] : recalled_) recalled.push_back(task_id);
    std::vector<celery::ControlCommand> commands = {celery::enable_events(), celery::stats(),
                                                    celery::registered(), celery::active_queues()};
    if (!recalled.empty()) commands.push_back(celery::revoke(recalled));
    const auto answers = parts_.remote.ask(commands, strangers, kPatience);
    if (!answers) return;
    const Instant now = parts_.clock.now();
    for (std::size_t i = 0; i < commands.size(); ++i)
        for (const celery::ControlReply& reply : (*answers)[i])
            parts_.workers.take_answer(reply.worker, commands[i].method, reply, now);
}

// Who is there without having told, and what has changed in those that are known.
void Inquiry::ask_all() {
    const Steady now = parts_.clock.steady();
    if (asked_all_at_ && now - *asked_all_at_ < kAskAllEvery) return;
    asked_all_at_ = now;
    const std::array commands = {celery::stats(), celery::active_queues()};
    const auto answers = parts_.remote.ask(commands, {}, kPatience);
    if (!answers) return;
    for (std::size_t i = 0; i < commands.size(); ++i)
        for (const celery::ControlReply& reply : (*answers)[i])
            parts_.workers.take_answer(reply.worker, commands[i].method, reply, parts_.clock.now());
}

// --- Redis

void Inquiry::measure() {
    const Steady now = parts_.clock.steady();
    if (measured_at_ && now - *measured_at_ < kMeasureEvery) return;
    measured_at_ = now;
    if (!parts_.broker.state().is_ready()) return;
    RedisFacts facts;
    const net::Answer pong = parts_.broker.ask(net::Commands{"PING"});
    if (!pong) return;
    facts.latency = parts_.clock.steady() - now;
    facts.trouble = net::advice_on(pong->trouble());
    if (const net::Answer info = parts_.broker.ask(net::Commands{"INFO", "memory"});
        info && !info->empty() && (*info)[0].is(net::ReplyType::text)) {
        const std::string_view text = (*info)[0].text();
        facts.policy = info_value(text, "maxmemory_policy");
        facts.used_memory = number_in(info_value(text, "used_memory"));
        facts.max_memory = number_in(info_value(text, "maxmemory"));
    }
    facts.deserted = parts_.queues.deserted();
    const std::scoped_lock lock(mutex_);
    broker_ = std::move(facts);
}

}  // namespace cjv::monitor
