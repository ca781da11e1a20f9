#include "dispatch/broker.h"

#include <algorithm>
#include <array>
#include <condition_variable>
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
constexpr auto kPatience = 1s;  // younger batches do not say that the broker is away

// KEYS: the list, the hash of numbers. ARGV: field, number, whether the batch before must be there, messages.
// Answers 1: pushed, 0: was there already, -1: the batch before is missing.
const net::Script& push_script() {
    static const net::Script script(R"lua(
local last = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
local number = tonumber(ARGV[2])
if number <= last then return 0 end
if ARGV[3] == '1' and last ~= number - 1 then return -1 end
if #ARGV > 3 then redis.call('LPUSH', KEYS[1], unpack(ARGV, 4)) end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
)lua");
    return script;
}

bool is_taken(const net::Reply& reply) {
    return reply.is(net::ReplyType::integer) && reply.integer() >= 0;
}

// Empty: it was taken.
std::string refusal_of(const net::Reply& reply) {
    if (is_taken(reply)) return "";
    if (reply.is(net::ReplyType::integer)) return "the batch before it was not taken";
    if (const auto advice = net::advice_on(reply.trouble()); !advice.empty())
        return std::string(advice);
    return "Redis answered: " + std::string(reply.text());
}

}  // namespace

net::Commands push_commands(const std::deque<store::BatchPtr>& batches, std::size_t most,
                            const std::string& installation, const std::string& pushed_key,
                            const std::function<bool(const RunId&)>& is_recalled) {
    net::Commands commands;
    std::unordered_set<std::string_view> lists;  // with a batch in these commands
    for (std::size_t i = 0; i < std::min(most, batches.size()); ++i) {
        const store::Batch& batch = *batches[i];
        const bool follows = !lists.insert(batch.list).second;
        const std::string field = installation + ":" + batch.list;
        const std::string number = std::to_string(batch.number);
        std::vector<std::string_view> arguments{field, number, follows ? "1" : "0"};
        for (const auto& item : batch.items)
            if (!is_recalled(item.run)) arguments.push_back(batch.message(item));
        const std::array<std::string_view, 2> keys{batch.list, pushed_key};
        commands.call(push_script(), keys, arguments);
    }
    return commands;
}

struct Broker::Parts {
    Parts(store::Store& where, net::Redis& whom, std::string key, const Clock& time, Log& lines,
          Progress& progress)
        : store(where),
          redis(whom),
          pushed_key(std::move(key)),
          clock(time),
          log(lines),
          mark(progress.add("broker", kMarkLimit, time.steady())),
          installation(to_text(where.installation_id())) {
        mark.rest();
    }

    store::Store& store;
    net::Redis& redis;
    const std::string pushed_key;
    const Clock& clock;
    Log& log;
    Mark& mark;
    const std::string installation;

    mutable std::mutex mutex;  // guards what follows, down to the blank line
    std::condition_variable_any bell;
    std::deque<store::BatchPtr> batches;  // not confirmed; of each list in the order of its numbers
    std::unordered_set<RunId> recalled;   // have ended, and may be in one of them
    std::int64_t waiting = 0;             // messages in `batches`
    std::string refusal;
    bool is_rung = false;

    std::optional<Steady> waits_since;  // the loop's alone: since when nothing was taken
    std::unordered_set<const store::Batch*> told_away;  // the loop's alone, too
    std::jthread thread;

    void put(const store::BatchPtr& batch) {
        batches.push_back(batch);
        waiting += std::int64_t(batch->items.size());
    }
    bool turn();
    void take_answers(const std::deque<store::BatchPtr>& sent, const net::Replies& replies,
                      Instant sent_at);
    void refuse(std::string why);
    void tell_away();
    void loop(const std::stop_token& stop);
};

Broker::Broker(store::Store& store, net::Redis& redis, std::string pushed_key, const Clock& clock,
               Log& log, Progress& progress)
    : parts_(std::make_unique<Parts>(store, redis, std::move(pushed_key), clock, log, progress)) {}

Broker::~Broker() { stop(); }

Result<void> Broker::recover() {
    auto left = parts_->store.open_batches();
    if (!left) return fail(left.error(), "read the outbox");
    const std::scoped_lock lock(parts_->mutex);
    for (const auto& batch : *left) parts_->put(batch);
    return {};
}

void Broker::on_commit(const store::Commit& commit) {
    using What = store::Change::What;
    const std::scoped_lock lock(parts_->mutex);
    if (!parts_->batches.empty())
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
    if (!waits_since) waits_since = clock.steady();
    if (clock.steady() - *waits_since < kPatience) return;
    std::deque<store::BatchPtr> all;
    {
        const std::scoped_lock lock(mutex);
        all = batches;
    }
    for (const auto& batch : all) {
        if (!told_away.insert(batch.get()).second) continue;
        for (const auto& item : batch->items)
            store.observe_reason(item.run, domain::Reason::broker_away);
    }
}

void Broker::Parts::take_answers(const std::deque<store::BatchPtr>& sent,
                                 const net::Replies& replies, Instant sent_at) {
    std::string why;
    std::vector<store::BatchPtr> taken;
    for (std::size_t i = 0; i < std::min(sent.size(), replies.size()); ++i) {
        if (is_taken(replies[i]))
            taken.push_back(sent[i]);
        else if (why.empty())
            why = refusal_of(replies[i]);
    }
    {
        const std::scoped_lock lock(mutex);
        for (const auto& batch : taken) {
            batches.erase(std::ranges::find(batches, batch));
            waiting -= std::int64_t(batch->items.size());
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
bool Broker::Parts::turn() {
    mark.move(clock.steady());
    std::deque<store::BatchPtr> due;
    std::unordered_set<RunId> ended;
    {
        const std::scoped_lock lock(mutex);
        due.assign(batches.begin(),
                   batches.begin() + std::ptrdiff_t(std::min(kAtOnce, batches.size())));
        ended = recalled;
    }
    if (due.empty()) return false;
    const Instant sent_at =
        clock.now();  // a worker may have them before we know that they are there
    const auto answer =
        redis.ask(push_commands(due, kAtOnce, installation, pushed_key,
                                [&](const RunId& run) { return ended.contains(run); }));
    if (!answer) {
        refuse(answer.error().error.what);
        tell_away();
        return false;
    }
    take_answers(due, *answer, sent_at);
    const std::scoped_lock lock(mutex);
    return refusal.empty() && !batches.empty();
}

void Broker::Parts::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (turn()) continue;
        mark.rest();
        std::unique_lock lock(mutex);
        const auto rung = [this] { return is_rung; };
        if (batches.empty())
            bell.wait(lock, stop, rung);
        else
            bell.wait_for(lock, stop, kRetry, rung);
        is_rung = false;
    }
}

void Broker::start() {
    parts_->thread =
        std::jthread([parts = parts_.get()](const std::stop_token& stop) { parts->loop(stop); });
}

void Broker::stop() { parts_->thread = {}; }

BrokerReport Broker::report() const {
    BrokerReport report{.connection = parts_->redis.state()};
    const std::scoped_lock lock(parts_->mutex);
    report.waiting = parts_->waiting;
    report.refusal = parts_->refusal;
    return report;
}

}  // namespace cjv::dispatch
