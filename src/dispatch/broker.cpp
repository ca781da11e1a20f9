#include "dispatch/broker.h"

#include "dispatch/broker_parts.h"

#include "base/iso8601.h"
#include "celery/task_reader.h"

#include <algorithm>
#include <span>
#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetry = 1s;
constexpr auto kMarkLimit = 10s;
constexpr auto kPatience = 1s;              // younger batches do not say that the broker is away
constexpr std::size_t kEndsAtOnce = 1'000;  // in a commit, so that others come between

// A batch that was read back: its messages themselves say when they expire.
store::BatchPtr with_expiry(store::Batch batch) {
    celery::TaskReader reader;
    for (auto& item : batch.items)
        if (const auto task = reader.read(batch.message(item)); task && task->expires)
            item.expires = task->expires;
    return std::make_shared<store::Batch>(std::move(batch));
}

}  // namespace

Broker::Parts::Parts(store::Store& where, BrokerLine whom, std::string key, const Clock& time,
                     Log& lines, Progress& progress, celery::Transport how)
    : store(where),
      // To wait for the broker is not to stand still.
      line{.ask =
               [this, ask = std::move(whom.ask)](net::Commands commands, std::int64_t connection) {
                   mark.rest();
                   auto answer = ask(std::move(commands), connection);
                   mark.move(clock.steady());
                   return answer;
               },
           .state = std::move(whom.state)},
      clock(time),
      log(lines),
      mark(progress.add("broker", kMarkLimit, time.steady())),
      transport(std::move(how)),
      numbers{.key = std::move(key), .installation = to_text(where.installation_id())} {
    mark.rest();
}

BrokerLine line_of(net::Redis& redis) {
    return {.ask =
                [&redis](net::Commands commands, std::int64_t connection) {
                    return redis.ask(std::move(commands), connection);
                },
            .state = [&redis] { return redis.state(); }};
}

Broker::Broker(store::Store& store, BrokerLine line, std::string pushed_key, const Clock& clock,
               Log& log, Progress& progress, celery::Transport transport)
    : parts_(std::make_unique<Parts>(store, std::move(line), std::move(pushed_key), clock, log,
                                     progress, std::move(transport))) {}

Broker::~Broker() { stop(); }

Result<void> Broker::recover() { return parts_->recover(); }

Result<void> Broker::Parts::recover() {
    auto known = store.list_numbers();
    if (!known) return fail(known.error(), "read how far the broker's lists are");
    auto left = store.open_batches();
    if (!left) return fail(left.error(), "read the outbox");
    std::unordered_set<RunId> open;
    if (!left->empty()) {
        const auto runs = store.open_runs();
        if (!runs) return fail(runs.error(), "read the runs that are not final");
        for (const auto& run : *runs) open.insert(run.id);
    }
    const std::scoped_lock lock(mutex);
    for (auto& list : *known) {
        offered[list.list] = list.newest;
        lists.insert_or_assign(list.list, list);
    }
    for (const auto& one : *left) {
        const auto batch = with_expiry(*one);
        put(batch);
        offer({batch});
        unsent.doubt(batch);
        for (const auto& item : batch->items)
            if (!open.contains(item.run)) unsent.recall(item.run);
    }
    return {};
}

void Broker::on_commit(const store::Commit& commit) {
    using What = store::Change::What;
    const std::scoped_lock lock(parts_->mutex);
    for (const auto& batch : commit.batches) parts_->put(batch);
    // A run may end in the commit that posts it: a job that is deleted has its due slots decided first.
    if (!parts_->unsent.empty())
        for (const store::Change& change : commit.changes)
            if (change.what == What::run && is_final(change.after))
                parts_->unsent.recall(change.run);
    if (commit.batches.empty()) return;
    parts_->is_rung = true;
    parts_->bell.notify_all();
}

void Broker::wake() {
    const std::scoped_lock lock(parts_->mutex);
    parts_->is_rung = true;
    parts_->bell.notify_all();
}

// Without `why`: what a list refuses stands.
void Broker::Parts::refuse(std::string why) {
    const std::scoped_lock lock(mutex);
    if (why.empty()) why = unsent.refusal();
    if (why != refusal && !why.empty())
        log.warn("broker.not_taken", {{"error", why}, {"messages", unsent.messages()}});
    if (why.empty() && !refusal.empty()) log.info("broker.takes_again");
    refusal = std::move(why);
}

// Runs that wait for the broker say so.
void Broker::Parts::tell_away() {
    std::vector<store::BatchPtr> overdue;
    {
        const std::scoped_lock lock(mutex);
        overdue = unsent.overdue(clock.steady(), kPatience);
    }
    for (const auto& batch : overdue)
        for (const auto& item : batch->items)
            store.observe_reason(item.run, domain::Reason::broker_away);
}

// Until the next try.
bool Broker::Parts::wait(std::string why) {
    refuse(std::move(why));
    tell_away();
    return false;
}

// Runs whose message may not be sent any more end, before anything is pushed. False: the store is away.
bool Broker::Parts::end_expired() {
    const Instant now = clock.now();
    std::vector<Unsent::Expired> expired;
    {
        const std::scoped_lock lock(mutex);
        expired = unsent.expired(now);
    }
    if (expired.empty()) return true;
    std::vector<store::Ended> ends;
    for (const auto& [run, at] : expired)
        ends.push_back({.run = run,
                        .at = now,
                        .status = domain::Status::missed,
                        .reason = domain::Reason::expired,
                        .error = "It expired at " + to_iso8601(at) +
                                 ", before it could be sent to the broker."});
    // The feed tells of those that ended; what the database refuses is dropped by its worker.
    for (std::span<const store::Ended> rest = ends; !rest.empty();) {
        const auto some = rest.first(std::min(kEndsAtOnce, rest.size()));
        rest = rest.subspan(some.size());
        mark.move(clock.steady());
        const auto left = store.commit_ended(some);
        if (left) continue;
        log.warn("broker.expired_not_recorded", {{"error", left.error().what}});
        return false;
    }
    const std::scoped_lock lock(mutex);
    unsent.set_expired_done();
    return true;
}

bool Broker::Parts::turn() {
    mark.move(clock.steady());
    if (!end_expired()) return false;
    send_refused_again();
    const auto state = line.state();
    const bool is_known = state.is_ready() && state.connection == compared;
    if (!is_known && !compare(state)) {
        tell_away();
        return false;
    }
    return push(state.connection);
}

void Broker::Parts::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (turn()) continue;
        mark.rest();
        const auto state = line.state();  // a change of it rings
        const bool is_new = state.is_ready() && state.connection != compared;
        std::unique_lock lock(mutex);
        const auto rung = [this] { return is_rung; };
        if (is_new || !unsent.empty() || refused_again_at)
            bell.wait_for(lock, stop, kRetry, rung);
        else
            bell.wait(lock, stop, rung);
        is_rung = false;
    }
}

void Broker::start() {
    parts_->thread =
        std::jthread([parts = parts_.get()](const std::stop_token& stop) { parts->loop(stop); });
}

void Broker::stop() { parts_->thread = {}; }

bool Broker::turn() { return parts_->turn(); }

BrokerReport Broker::report() const {
    BrokerReport report{.connection = parts_->line.state()};
    const std::scoped_lock lock(parts_->mutex);
    report.waiting = parts_->unsent.messages();
    report.refusal = parts_->refusal;
    report.forbids_scripts = parts_->forbids_scripts;
    return report;
}

}  // namespace cjv::dispatch
