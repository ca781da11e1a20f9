#include "dispatch/dispatch.h"

#include "dispatch/chores.h"
#include "dispatch/command.h"
#include "dispatch/fair_queue.h"
#include "dispatch/file_check.h"
#include "dispatch/forward_step.h"
#include "dispatch/local.h"
#include "dispatch/recovery.h"
#include "dispatch/set_aside.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;
using domain::Kind;
using domain::Reason;
using domain::Status;
using store::Change;

constexpr auto kRetry = 1s;       // when the store was away
constexpr auto kMarkLimit = 10s;  // /livez fails within ten of a loop that stands still
constexpr auto kHeartbeat = 1s;
constexpr auto kStartupTerm = 1s;  // the server is to be ready within five, killing included
constexpr auto kLook = 50ms;       // how often a stop asks whether to hurry

// Rung from any thread; one waits.
class Bell {
public:
    void ring() {
        const std::scoped_lock lock(mutex_);
        is_rung_ = true;
        bell_.notify_all();
    }
    // Until it has been rung since the last time, or `stop`, or `limit` has passed.
    void wait(const std::stop_token& stop, std::optional<std::chrono::milliseconds> limit) {
        std::unique_lock lock(mutex_);
        const auto rung = [this] { return is_rung_; };
        if (limit)
            bell_.wait_for(lock, stop, *limit, rung);
        else
            bell_.wait(lock, stop, rung);
        is_rung_ = false;
    }

private:
    std::mutex mutex_;
    std::condition_variable_any bell_;
    bool is_rung_ = false;
};

bool concerns_us(const Change& change) {
    if (change.what == Change::What::cancel_asked) return true;
    return change.what == Change::What::run &&
           (change.after == Status::pending || is_final(change.after)) &&
           change.reason != Reason::broker_away;
}

// What leaves in a batch is the broker's.
store::Commit without_posted(const store::Commit& commit) {
    std::unordered_set<RunId> posted;
    for (const auto& batch : commit.batches)
        for (const auto& item : batch->items) posted.insert(item.run);
    store::Commit rest{.sequence = commit.sequence, .at = commit.at, .changes = {}};
    std::ranges::copy_if(commit.changes, std::back_inserter(rest.changes),
                         [&](const Change& change) {
                             return change.after != Status::pending || !posted.contains(change.run);
                         });
    return rest;
}

// The latest time that decisions tell of: a start comes before those of its own time.
Instant newest_known(const domain::Board& board, Instant now) {
    Instant newest{};
    for (const auto& entry : board.all()) newest = std::max(newest, entry->decided_until);
    return newest == Instant{} ? now : newest;
}

// A pending run that ends without having left.
struct Refusal {
    Waiting waiting;
    store::Ended end;
};

Refusal deleted(const Waiting& waiting, Instant now) {
    return {waiting,
            {.run = waiting.run,
             .at = now,
             .status = Status::cancelled,
             .reason = Reason::revoked,
             .error = "The job was deleted before the run could start."}};
}

// Without `why` the run itself says it: see why_undeliverable().
Refusal undeliverable(const Waiting& waiting, Instant now, std::string why = {}) {
    return {waiting,
            {.run = waiting.run,
             .at = now,
             .status = Status::failed,
             .reason = Reason::undeliverable,
             .error = std::move(why)}};
}

bool holds(const std::vector<RunId>& runs, const RunId& run) {
    return std::ranges::find(runs, run) != runs.end();
}

std::chrono::milliseconds until(Steady then, Steady now) {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(then - now), 0ms);
}

}  // namespace

//   feed ──► inbox ──► queue (fair) ──► one commit: queued ──► Local, on the runner's thread
//                 └──► chores ────────────────────────────► Chores, on theirs
//
// The loop's thread waits for the store's commits, so it touches no pipe; the runner's thread never
// waits for anything.
struct Dispatch::Parts {
    Parts(store::Store& where, const Clock& time, Log& lines, Progress& progress, Settings how)
        : store(where),
          clock(time),
          log(lines),
          settings(std::move(how)),
          loop_mark(progress.add("dispatch", kMarkLimit, time.steady())),
          runner_mark(progress.add("runner", kMarkLimit, time.steady())),
          forward_step(time, newest_known(where.board(), time.now())),
          heartbeat(io),
          local(io, store, clock, log, settings,
                {.on_place =
                     [this] {
                         ++places_freed;
                         bell.ring();
                     },
                 .on_told =
                     [this] {
                         --going;
                         idle_bell.ring();
                     }}),
          chores(store, clock, settings.worker, [this] { idle_bell.ring(); }) {
        loop_mark.rest();
        runner_mark.rest();
        chores.add(domain::InternalAction::clean_up,
                   [this](const domain::InternalTarget& target, const std::stop_token& stop) {
                       return clean_up(store, clock, forward_step,
                                       target.days.value_or(settings.retention_days), stop);
                   });
        chores.add(domain::InternalAction::health_check,
                   [this](const domain::InternalTarget&, const std::stop_token& stop) {
                       return look_after_health(stop);
                   });
    }

    ~Parts() {
        loop_thread = {};
        io.stop();
        if (runner_thread.joinable()) runner_thread.join();
    }

    store::Store& store;
    const Clock& clock;
    Log& log;
    const Settings settings;
    Mark& loop_mark;
    Mark& runner_mark;

    store::Inbox inbox;
    Bell bell, idle_bell;
    std::atomic<bool> is_stopping = false;
    std::mutex turning;  // held by a turn: whoever gets it knows that none is on its way
    std::atomic<std::int64_t> going = 0;  // commands that the store has not been told all of
    std::atomic<std::int64_t> places_freed = 0;
    std::atomic<std::int64_t> waiting = 0;

    // Runs that we have taken on, until the feed tells that they are final.
    std::mutex mutex;
    std::unordered_set<RunId> handed;

    // The loop's thread.
    FairQueue queue;
    std::vector<Waiting> chores_due;
    std::vector<Refusal> refusals;
    SetAside set_aside;
    std::vector<RunId> newcomers;  // to the queue, in this turn
    std::int64_t busy = 0;         // places taken

    ForwardStep forward_step;  // the chores' thread
    FileCheck file_check;      // the same

    boost::asio::io_context io{1};
    boost::asio::steady_timer heartbeat;
    Local local;    // the runner's thread
    Chores chores;  // has a thread of its own
    std::thread runner_thread;
    std::jthread loop_thread;

    Result<std::string> look_after_health(const std::stop_token& stop);
    std::string why_undeliverable(const domain::Run& run) const;
    void take(const Waiting& waiting);
    void follow(const Change& change);
    void call_back(const Change& change);
    bool refuse();
    bool start_due();
    void try_later(const Waiting& waiting);
    void take_back();
    std::vector<Waiting> due();
    void put_back(const std::vector<Waiting>& due);
    void hand_over(const Waiting& waiting, const std::string& overrides);
    void start_command(const Waiting& waiting, const domain::Job& job,
                       const std::string& overrides);
    void start_chore(const Waiting& waiting, const domain::Job& job);
    std::optional<std::chrono::milliseconds> turn();
    std::optional<std::chrono::milliseconds> next_look(bool is_store_away) const;
    void loop(const std::stop_token& stop);
    void beat_heart();
    bool is_idle() const { return going == 0 && chores.going() == 0; }
    bool await_idle(std::chrono::milliseconds patience, const std::function<bool()>& hurry);
};

Result<std::string> Dispatch::Parts::look_after_health(const std::stop_token& stop) {
    auto runs = health_check(store, clock, [this](const RunId& run) {
        const std::scoped_lock lock(mutex);
        return handed.contains(run);
    });
    if (!runs) return runs;
    auto file = file_check.look(store, clock, stop);
    if (!file) return file;
    return file->empty() ? *runs : *runs + " " + *file;
}

// What has a message is the broker's, and does not come here. Writer's thread.
std::string Dispatch::Parts::why_undeliverable(const domain::Run& run) const {
    if (!settings.celery_refusal) return "No broker is configured.";
    const auto entry = store.board().find(run.job);
    std::string why = entry ? settings.celery_refusal(*entry->job, run) : "The job was deleted.";
    return why.empty() ? "The message of this run is not there." : why;
}

// A pending run that nothing holds back.
void Dispatch::Parts::take(const Waiting& waiting) {
    const auto entry = store.board().find(waiting.job);
    if (!entry) return refusals.push_back(deleted(waiting, clock.now()));
    switch (entry->job->kind) {
        case Kind::command:
            if (queue.push(waiting)) newcomers.push_back(waiting.run);
            return;
        case Kind::internal: chores_due.push_back(waiting); return;
        case Kind::celery: refusals.push_back(undeliverable(waiting, clock.now())); return;
        case Kind::http:
            refusals.push_back(
                undeliverable(waiting, clock.now(), "This version cannot send HTTP requests."));
            return;
    }
}

void Dispatch::Parts::follow(const Change& change) {
    if (change.what == Change::What::cancel_asked) return call_back(change);
    if (!concerns_us(change)) return;
    if (is_final(change.after) || change.reason == Reason::waiting_overlap) {
        queue.remove(change.run);
        set_aside.remove(change.run);
        const std::scoped_lock lock(mutex);
        handed.erase(change.run);
        return;
    }
    if (set_aside.contains(change.run)) return;
    {
        const std::scoped_lock lock(mutex);
        if (handed.contains(change.run)) return;  // older news than our own
    }
    take({.run = change.run, .job = change.job, .slot = change.slot});
}

void Dispatch::Parts::call_back(const Change& change) {
    const auto urgency = change.terminate ? Urgency::kill : Urgency::term;
    chores.cancel(change.run, Reason::by_user);
    boost::asio::post(
        io, [this, run = change.run, urgency] { local.cancel(run, Reason::by_user, urgency); });
}

// False: the store is away, and they stay.
bool Dispatch::Parts::refuse() {
    if (refusals.empty()) return true;
    std::vector<store::Ended> ends;
    ends.reserve(refusals.size());
    for (const Refusal& refusal : refusals) ends.push_back(refusal.end);
    const auto left =
        store.commit_ended(ends, [this](const domain::Run& run) { return why_undeliverable(run); });
    if (!left) {
        log.warn("dispatch.refusal_not_recorded", {{"error", left.error().what}});
        return false;
    }
    for (const Refusal& refusal : refusals)
        if (holds(*left, refusal.end.run)) try_later(refusal.waiting);
    refusals.clear();
    return true;
}

// The database has refused to change the run, and the log says why; it may have been cured by then.
void Dispatch::Parts::try_later(const Waiting& waiting) {
    set_aside.put(waiting, clock.steady() + settings.refused_again);
}

void Dispatch::Parts::take_back() {
    for (const Waiting& waiting : set_aside.take(clock.steady())) take(waiting);
}

// What may start now: chores, and as many commands as there are places.
std::vector<Waiting> Dispatch::Parts::due() {
    if (is_stopping) return {};
    std::vector<Waiting> due = std::exchange(chores_due, {});
    for (std::int64_t places = settings.concurrency - busy; places > 0; --places) {
        const auto next = queue.pop();
        if (!next) break;
        due.push_back(*next);
    }
    return due;
}

void Dispatch::Parts::put_back(const std::vector<Waiting>& due) {
    const std::scoped_lock lock(mutex);
    for (const Waiting& waiting : due) {
        handed.erase(waiting.run);
        take(waiting);
    }
}

// One commit for all that start together; only then does anything start. False: the store is away.
bool Dispatch::Parts::start_due() {
    const auto all = due();
    if (all.empty()) return true;
    std::vector<RunId> runs;
    runs.reserve(all.size());
    for (const Waiting& waiting : all) runs.push_back(waiting.run);
    {
        const std::scoped_lock lock(mutex);
        handed.insert(runs.begin(), runs.end());
    }
    const auto queued = store.commit_queued(runs);
    if (!queued) {
        log.warn("dispatch.not_queued", {{"error", queued.error().what}, {"runs", runs.size()}});
        put_back(all);
        return false;
    }
    auto next = queued->runs.begin();
    for (const Waiting& waiting : all) {
        if (next != queued->runs.end() && next->run == waiting.run) {
            hand_over(waiting, next->overrides);
            ++next;
            continue;
        }
        {
            const std::scoped_lock lock(mutex);
            handed.erase(waiting.run);
        }
        if (holds(queued->refused, waiting.run)) try_later(waiting);
    }
    return true;
}

void Dispatch::Parts::hand_over(const Waiting& waiting, const std::string& overrides) {
    const auto entry = store.board().find(waiting.job);
    if (!entry)
        store.observe_ended(
            not_started(waiting.run, {Errc::not_found, "the job was deleted"}, clock.now()));
    else if (entry->job->kind == Kind::internal)
        start_chore(waiting, *entry->job);
    else
        start_command(waiting, *entry->job, overrides);
}

void Dispatch::Parts::start_chore(const Waiting& waiting, const domain::Job& job) {
    const auto target = domain::internal_target(job);
    if (target)
        chores.put({waiting.run, *target});
    else
        store.observe_ended(not_started(waiting.run, target.error(), clock.now()));
}

void Dispatch::Parts::start_command(const Waiting& waiting, const domain::Job& job,
                                    const std::string& overrides) {
    auto ready =
        prepare(job, {.run = waiting.run, .slot = waiting.slot, .overrides = overrides}, settings);
    if (!ready) return store.observe_ended(not_started(waiting.run, ready.error(), clock.now()));
    ++busy;
    ++going;
    boost::asio::post(io, [this, ready = std::move(*ready)] { local.start(ready); });
}

// Nothing: there is no more to do until the bell rings.
std::optional<std::chrono::milliseconds> Dispatch::Parts::turn() {
    const std::scoped_lock lock(turning);
    loop_mark.move(clock.steady());
    busy -= places_freed.exchange(0);
    for (const Change& change : inbox.take()) follow(change);
    take_back();
    const bool refused = refuse();
    const bool started = start_due();
    for (const RunId& run : std::exchange(newcomers, {}))
        if (queue.contains(run)) store.observe_reason(run, Reason::no_local_slot);
    waiting = std::int64_t(queue.size());
    return next_look(!refused || !started);
}

std::optional<std::chrono::milliseconds> Dispatch::Parts::next_look(bool is_store_away) const {
    std::optional<std::chrono::milliseconds> in;
    if (is_store_away) in = kRetry;
    if (const auto soonest = set_aside.soonest()) {
        const auto left = until(*soonest, clock.steady());
        in = std::min(in.value_or(left), left);
    }
    return in;
}

void Dispatch::Parts::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto again = turn();
        loop_mark.rest();  // to wait is not to stand still
        bell.wait(stop, again);
    }
    loop_mark.rest();
}

void Dispatch::Parts::beat_heart() {
    runner_mark.move(clock.steady());
    heartbeat.expires_after(kHeartbeat);
    heartbeat.async_wait([this](boost::system::error_code error) {
        if (!error) beat_heart();
    });
}

// False: `patience` is over, or we are in a hurry.
bool Dispatch::Parts::await_idle(std::chrono::milliseconds patience,
                                 const std::function<bool()>& hurry) {
    const Steady deadline = clock.steady() + patience;
    while (!is_idle()) {
        if (clock.steady() >= deadline || hurry()) return false;
        idle_bell.wait({}, kLook);
    }
    return true;
}

Dispatch::Dispatch(store::Store& store, const Clock& clock, Log& log, Progress& progress,
                   Settings settings)
    : parts_(std::make_unique<Parts>(store, clock, log, progress, std::move(settings))) {}

Dispatch::~Dispatch() = default;

Result<void> Dispatch::recover() {
    Parts& parts = *parts_;
    const auto pending = dispatch::recover(parts.store, parts.clock, parts.log, kStartupTerm);
    if (!pending) return std::unexpected(pending.error());
    std::unordered_set<RunId> posted;
    const auto batches = parts.store.open_batches();
    if (!batches) return std::unexpected(batches.error());
    for (const auto& batch : *batches)
        for (const auto& item : batch->items) posted.insert(item.run);
    for (const domain::Run& run : *pending)
        if (run.reason != Reason::waiting_overlap && !posted.contains(run.id))
            parts.take({.run = run.id, .job = run.job, .slot = run.slot});
    return {};
}

void Dispatch::on_commit(const store::Commit& commit) {
    if (!std::ranges::any_of(commit.changes, concerns_us)) return;
    if (commit.batches.empty()) {
        parts_->inbox.put(commit);
    } else {
        parts_->inbox.put(without_posted(commit));
    }
    parts_->bell.ring();
}

void Dispatch::start() {
    Parts& parts = *parts_;
    parts.chores.start();
    parts.runner_thread = std::thread([&parts] {
        const auto work = boost::asio::make_work_guard(parts.io);
        parts.beat_heart();
        parts.io.run();
        parts.runner_mark.rest();
    });
    parts.loop_thread = std::jthread([&parts](const std::stop_token& stop) { parts.loop(stop); });
}

void Dispatch::stop(std::chrono::seconds patience, const std::function<bool()>& hurry) {
    Parts& parts = *parts_;
    if (!parts.runner_thread.joinable()) return;
    parts.is_stopping = true;
    {
        const std::scoped_lock lock(parts.turning);
    }  // from here on nothing starts
    const auto cancel_all = [&](Urgency urgency) {
        parts.chores.cancel_all(Reason::shutdown);
        boost::asio::post(parts.io,
                          [&parts, urgency] { parts.local.cancel_all(Reason::shutdown, urgency); });
    };
    if (!parts.await_idle(patience, hurry)) {
        const runner::Patience& each = parts.settings.patience;
        cancel_all(Urgency::term);
        if (!parts.await_idle(each.term + each.settle + each.leftover_term + each.drain, hurry)) {
            cancel_all(Urgency::kill);
            parts.await_idle(5s, [] { return false; });  // a KILL is obeyed at once, or never
        }
    }
    parts.loop_thread = {};
    parts.chores.stop();
    parts.io.stop();
    parts.runner_thread.join();
}

std::int64_t Dispatch::waiting() const { return parts_->waiting; }

}  // namespace cjv::dispatch
