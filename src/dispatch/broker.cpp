#include "dispatch/broker.h"

#include "dispatch/push.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kAtOnce = 20;  // batches in one write: 10,000 messages
constexpr auto kRetry = 1s;
constexpr auto kMarkLimit = 10s;
constexpr std::int64_t kNone = -1;  // no connection has this number
constexpr auto kPatience = 1s;      // younger batches do not say that the broker is away

}  // namespace

// What we know of the broker's numbers holds for a connection. With each new one they are read before anything is
// pushed there, and a push that finds less than was confirmed is refused: then they are read again.
struct Broker::Parts {
    Parts(store::Store& where, BrokerLine whom, std::string key, const Clock& time, Log& lines,
          Progress& progress)
        : store(where),
          line(std::move(whom)),
          clock(time),
          log(lines),
          mark(progress.add("broker", kMarkLimit, time.steady())),
          numbers{.key = std::move(key), .installation = to_text(where.installation_id())} {
        mark.rest();
    }

    store::Store& store;
    const BrokerLine line;
    const Clock& clock;
    Log& log;
    Mark& mark;

    mutable std::mutex mutex;  // guards what follows, down to the blank line
    std::condition_variable_any bell;
    std::deque<store::BatchPtr> batches;  // not confirmed; of each list in the order of its numbers
    std::unordered_set<RunId> recalled;   // have ended, and may be in one of them
    std::map<std::string, store::ListNumbers> lists;
    std::int64_t waiting = 0;  // messages in `batches`
    std::string refusal;
    bool is_rung = false;

    // The loop's alone.
    PushedNumbers numbers;
    std::int64_t compared = kNone;      // the connection on which the numbers were
    std::optional<Steady> waits_since;  // since when nothing was taken
    std::unordered_set<const store::Batch*> told_away;
    std::jthread thread;

    void put(const store::BatchPtr& batch) {
        batches.push_back(batch);
        waiting += std::int64_t(batch->items.size());
        auto& list = lists[batch->list];
        list.list = batch->list;
        list.newest = std::max(list.newest, batch->number);
    }
    Result<void> recover();
    bool turn();
    bool push(std::int64_t connection);
    bool compare(const net::RedisState& state);
    bool see_to(const std::vector<store::ListNumbers>& known,
                const std::vector<std::int64_t>& there);
    Result<void> see_to(const store::LostBatches& lost);
    Result<void> become_another();
    void take_answers(const std::vector<store::BatchPtr>& sent, const net::Replies& replies,
                      Instant sent_at);
    void refuse(std::string why);
    void tell_away();
    void loop(const std::stop_token& stop);
};

BrokerLine line_of(net::Redis& redis) {
    return {.ask =
                [&redis](net::Commands commands, std::int64_t connection) {
                    return redis.ask(std::move(commands), connection);
                },
            .state = [&redis] { return redis.state(); }};
}

Broker::Broker(store::Store& store, BrokerLine line, std::string pushed_key, const Clock& clock,
               Log& log, Progress& progress)
    : parts_(std::make_unique<Parts>(store, std::move(line), std::move(pushed_key), clock, log,
                                     progress)) {}

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
    for (auto& list : *known) lists.insert_or_assign(list.list, list);
    for (const auto& batch : *left) {
        put(batch);
        for (const auto& item : batch->items)
            if (!open.contains(item.run)) recalled.insert(item.run);
    }
    return {};
}

void Broker::on_commit(const store::Commit& commit) {
    using What = store::Change::What;
    const std::scoped_lock lock(parts_->mutex);
    // A run may end in the commit that posts it: a job that is deleted has its due slots decided first.
    if (!parts_->batches.empty() || !commit.batches.empty())
        for (const store::Change& change : commit.changes)
            if (change.what == What::run && is_final(change.after))
                parts_->recalled.insert(change.run);
    if (commit.batches.empty()) return;
    for (const auto& batch : commit.batches) parts_->put(batch);
    parts_->is_rung = true;
    parts_->bell.notify_all();
}

void Broker::wake() {
    const std::scoped_lock lock(parts_->mutex);
    parts_->is_rung = true;
    parts_->bell.notify_all();
}

void Broker::Parts::refuse(std::string why) {
    const std::scoped_lock lock(mutex);
    if (why != refusal && !why.empty())
        log.warn("broker.not_taken", {{"error", why}, {"messages", waiting}});
    if (why.empty() && !refusal.empty()) log.info("broker.takes_again");
    refusal = std::move(why);
}

// Runs that wait for the broker say so.
void Broker::Parts::tell_away() {
    std::deque<store::BatchPtr> all;
    {
        const std::scoped_lock lock(mutex);
        all = batches;
    }
    if (all.empty()) return;
    if (!waits_since) waits_since = clock.steady();
    if (clock.steady() - *waits_since < kPatience) return;
    for (const auto& batch : all) {
        if (!told_away.insert(batch.get()).second) continue;
        for (const auto& item : batch->items)
            store.observe_reason(item.run, domain::Reason::broker_away);
    }
}

// Reads how far the broker is. True: what is pushed now on this connection follows what is there.
bool Broker::Parts::compare(const net::RedisState& state) {
    std::vector<store::ListNumbers> known;
    {
        const std::scoped_lock lock(mutex);
        if (!state.is_ready() && batches.empty()) return false;
        for (const auto& [name, list] : lists) known.push_back(list);
    }
    if (!known.empty()) {
        const auto answer = line.ask(number_commands(known, numbers),
                                     state.connection > 0 ? state.connection : kNone);
        if (!answer) {
            refuse(answer.error().error.what);
            return false;
        }
        const auto there = read_numbers((*answer)[0], known.size());
        if (!there) {
            refuse(refusal_of((*answer)[0]));
            return false;
        }
        if (!see_to(known, *there)) return false;
    }
    compared = state.connection;
    return true;
}

bool Broker::Parts::see_to(const std::vector<store::ListNumbers>& known,
                           const std::vector<std::int64_t>& there) {
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (there[i] <= known[i].newest) continue;
        if (const auto done = become_another(); !done) {
            refuse(done.error().what);
            return false;
        }
        return true;
    }
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (there[i] >= known[i].confirmed) continue;
        const auto done =
            see_to({.list = known[i].list, .had = there[i], .confirmed = known[i].confirmed});
        if (!done) {
            refuse(done.error().what);
            return false;
        }
    }
    return true;
}

Result<void> Broker::Parts::see_to(const store::LostBatches& lost) {
    const auto changed = store.send_lost_again(lost, [this] { mark.move(clock.steady()); });
    if (!changed) return fail(changed.error(), "send once more what the broker has lost");
    log.warn("broker.lost_data", {{"list", lost.list},
                                  {"had", lost.confirmed},
                                  {"has", lost.had},
                                  {"runs_sent_again", *changed}});
    const std::scoped_lock lock(mutex);
    lists[lost.list].confirmed = lost.had;
    return {};
}

// The broker has numbers that we never gave: our data are an older copy. Under their old name its next batches
// would look as if they had been pushed.
Result<void> Broker::Parts::become_another() {
    if (const auto done = store.take_new_installation_id(); !done)
        return fail(done.error(), "take a new installation id");
    const std::string before =
        std::exchange(numbers.installation, to_text(store.installation_id()));
    log.warn("broker.older_copy", {{"installation", before}, {"now", numbers.installation}});
    const std::scoped_lock lock(mutex);
    for (auto& [name, list] : lists) list.confirmed = 0;
    return {};
}

void Broker::Parts::take_answers(const std::vector<store::BatchPtr>& sent,
                                 const net::Replies& replies, Instant sent_at) {
    std::string why;
    std::vector<store::BatchPtr> taken;
    for (std::size_t i = 0; i < std::min(sent.size(), replies.size()); ++i) {
        const Pushed pushed = read_pushed(replies[i]);
        if (pushed == Pushed::taken) taken.push_back(sent[i]);
        if (pushed == Pushed::behind) compared = kNone;
        if (why.empty()) why = refusal_of(replies[i]);
    }
    {
        const std::scoped_lock lock(mutex);
        for (const auto& batch : taken) {
            batches.erase(std::ranges::find(batches, batch));
            waiting -= std::int64_t(batch->items.size());
            auto& list = lists[batch->list];
            list.confirmed = std::max(list.confirmed, batch->number);
        }
        if (batches.empty()) recalled.clear();
    }
    for (const auto& batch : taken) store.observe_sent({.batch = batch, .at = sent_at});
    if (!taken.empty()) {
        waits_since.reset();
        told_away.clear();
    }
    refuse(std::move(why));
}

// True: there may be more to send at once.
bool Broker::Parts::push(std::int64_t connection) {
    std::vector<store::BatchPtr> due;
    std::unordered_set<RunId> ended;
    std::map<std::string, store::ListNumbers> known;
    {
        const std::scoped_lock lock(mutex);
        due.assign(batches.begin(),
                   batches.begin() + std::ptrdiff_t(std::min(kAtOnce, batches.size())));
        ended = recalled;
        known = lists;
    }
    if (due.empty()) return false;
    const Instant sent_at =
        clock.now();  // a worker may have them before we know that they are there
    const auto answer =
        line.ask(push_commands(
                     due, numbers, [&](const std::string& list) { return known[list].confirmed; },
                     [&](const RunId& run) { return ended.contains(run); }),
                 connection);
    if (!answer) {
        refuse(answer.error().error.what);
        tell_away();
        return false;
    }
    take_answers(due, *answer, sent_at);
    const std::scoped_lock lock(mutex);
    return refusal.empty() && !batches.empty();
}

bool Broker::Parts::turn() {
    mark.move(clock.steady());
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
        if (is_new || !batches.empty())
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
    report.waiting = parts_->waiting;
    report.refusal = parts_->refusal;
    return report;
}

}  // namespace cjv::dispatch
