#include "dispatch/dispatch.h"

#include "dispatch/bell.h"
#include "dispatch/chores.h"
#include "dispatch/file_check.h"
#include "dispatch/forward_step.h"
#include "dispatch/local.h"
#include "dispatch/recovery.h"
#include "dispatch/starter.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;
using domain::Reason;
using domain::Status;
using store::Change;

constexpr auto kMarkLimit = 10s;  // /livez fails within ten of a loop that stands still
constexpr auto kHeartbeat = 1s;
// Processes made for one instant: they are to be there in time.
constexpr std::size_t kHeldMost = 32;
constexpr auto kStartupTerm = 1s;  // the server is to be ready within five, killing included
constexpr auto kLook = 50ms;       // how often a stop asks whether to hurry

// What leaves in a batch is the broker's.
bool concerns_us(const Change& change) {
    return change.what == Change::What::cancel_asked ||
           (Starter::concerns(change) && !change.is_posted);
}

// The latest time that decisions tell of: a start comes before those of its own time.
Instant newest_known(const domain::Board& board, Instant now) {
    Instant newest{};
    for (const auto& entry : board.all()) newest = std::max(newest, entry->decided_until);
    return newest == Instant{} ? now : newest;
}

}  // namespace

//   feed ──► inbox ─┬► queue (fair) ──► one commit: queued ─┬► Local, on the runner's thread
//                   ├► queued by its decision ──────────────┘
//                   └► chores ──────────────────────────────► Chores, on theirs
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
                         starter.free_place();
                         bell.ring();
                     },
                 .on_told =
                     [this] {
                         --going;
                         idle_bell.ring();
                     }}),
          chores(store, clock, settings.worker, [this] { idle_bell.ring(); }),
          starter(store, clock, log, settings,
                  {.command = [this](Prepared run) { ready.push_back(std::move(run)); },
                   .soon = [this](Prepared run) { soon.push_back(std::move(run)); },
                   .chore = [this](const Chore& chore) { chores.put(chore); }}) {
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
    std::mutex coming_mutex;
    std::vector<Change> coming;  // guarded by it, as the next
    Steady coming_until{};
    Bell bell, idle_bell;
    std::mutex turning;                   // held by a turn: the loop's, or a stop's
    std::atomic<std::int64_t> going = 0;  // commands that the store has not been told all of

    ForwardStep forward_step;  // the chores' thread
    FileCheck file_check;      // the same

    boost::asio::io_context io{1};
    boost::asio::steady_timer heartbeat;
    Local local;                  // the runner's thread
    Chores chores;                // has a thread of its own
    std::vector<Prepared> ready;  // to start when the turn is over
    std::vector<Prepared> soon;   // to be held until then
    Starter starter;              // the loop's thread
    std::thread runner_thread;
    std::jthread loop_thread;

    Result<std::string> look_after_health(const std::stop_token& stop);
    void hold_coming(const std::vector<Change>& changes);
    void start_ready();
    void call_back(const Change& change);
    std::optional<std::chrono::milliseconds> turn();
    void loop(const std::stop_token& stop);
    void beat_heart();
    bool is_idle() const { return going == 0 && chores.going() == 0; }
    bool await_idle(std::chrono::milliseconds patience, const std::function<bool()>& hurry);
};

Result<std::string> Dispatch::Parts::look_after_health(const std::stop_token& stop) {
    auto runs = health_check(store, clock, [this](const RunId& run) { return starter.has(run); });
    if (!runs) return runs;
    auto file = file_check.look(store, clock, stop);
    if (!file) return file;
    return file->empty() ? *runs : *runs + " " + *file;
}

// Processes for what is staged. Whether or not it comes to be, they harm nobody: see Local::hold().
void Dispatch::Parts::hold_coming(const std::vector<Change>& changes) {
    std::vector<Change> staged;
    Steady until{};
    {
        const std::scoped_lock lock(coming_mutex);
        staged.swap(coming);
        until = coming_until;
    }
    const auto has_come = [&](const Change& change) {
        return std::ranges::any_of(
            changes, [&](const Change& one) { return one.has_place && one.run == change.run; });
    };
    for (const Change& change : staged)
        if (!has_come(change)) starter.expect(change);
    if (soon.empty()) return;
    boost::asio::post(io, [this, all = std::exchange(soon, {}), until] { local.hold(all, until); });
}

void Dispatch::Parts::start_ready() {
    if (ready.empty()) return;
    going += std::ssize(ready);
    boost::asio::post(
        io, [this, all = std::exchange(ready, {})]() mutable { local.start(std::move(all)); });
}

void Dispatch::Parts::call_back(const Change& change) {
    const auto urgency = change.terminate ? Urgency::kill : Urgency::term;
    chores.cancel(change.run, Reason::by_user);
    boost::asio::post(
        io, [this, run = change.run, urgency] { local.cancel(run, Reason::by_user, urgency); });
}

// Nothing: there is no more to do until the bell rings.
std::optional<std::chrono::milliseconds> Dispatch::Parts::turn() {
    const std::scoped_lock lock(turning);
    const auto changes = inbox.take();  // first: what is staged was told before its commit
    hold_coming(changes);
    for (const Change& change : changes) starter.follow(change);
    const auto again = starter.turn();
    start_ready();
    for (const Change& change : changes)
        if (change.what == Change::What::cancel_asked) call_back(change);
    return again;
}

void Dispatch::Parts::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        loop_mark.move(clock.steady());
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
    for (const domain::Run& run : *pending)
        parts.starter.take({.run = run.id, .job = run.job, .slot = run.slot});
    parts.store.places().keep_for_others(!pending->empty());  // until the first turn
    return {};
}

void Dispatch::on_commit(const store::Commit& commit) {
    if (!parts_->inbox.put(commit.changes, concerns_us)) return;
    parts_->bell.ring();
}

void Dispatch::on_staged(const store::Staged& staged) {
    if (!parts_->settings.hold) return;
    std::vector<Change> coming;
    for (const Change& change : staged.changes) {
        if (coming.size() == kHeldMost) break;
        if (change.has_place) coming.push_back(change);
    }
    if (coming.empty()) return;
    {
        const std::scoped_lock lock(parts_->coming_mutex);
        parts_->coming = std::move(coming);
        parts_->coming_until = staged.until;
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
    // What a decision has queued starts yet: see Change::has_place.
    parts.store.places().close();
    parts.turn();
    parts.starter.start_nothing_more();
    parts.turn();  // from here on nothing starts
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

std::int64_t Dispatch::waiting() const { return parts_->starter.waiting(); }

}  // namespace cjv::dispatch
