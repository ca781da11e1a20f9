#include "dispatch/broker.h"

#include "dispatch/broker_parts.h"

#include <algorithm>
#include <utility>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetry = 1s;
constexpr auto kMarkLimit = 10s;

}  // namespace

Broker::Parts::Parts(store::Store& where, BrokerLine whom, std::string key, const Clock& time,
                     Log& lines, Progress& progress, celery::Transport how, const OutboxRoom& room)
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
      page_bytes(room.page),
      unsent(room),
      numbers{.key = std::move(key), .installation = to_text(where.installation_id())} {
    mark.rest();
    push_script();  // not when the first messages are due
}

BrokerLine line_of(net::Redis& redis) {
    return {.ask =
                [&redis](net::Commands commands, std::int64_t connection) {
                    return redis.ask(std::move(commands), connection);
                },
            .state = [&redis] { return redis.state(); }};
}

Broker::Broker(store::Store& store, BrokerLine line, std::string pushed_key, const Clock& clock,
               Log& log, Progress& progress, celery::Transport transport, const OutboxRoom& room)
    : parts_(std::make_unique<Parts>(store, std::move(line), std::move(pushed_key), clock, log,
                                     progress, std::move(transport), room)) {}

Broker::~Broker() { stop(); }

Result<void> Broker::recover() { return parts_->recover(); }

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

void Broker::on_staged(const store::Staged& staged) {
    if (staged.batches.empty()) return;
    const std::scoped_lock lock(parts_->mutex);
    parts_->coming = staged.batches;
    parts_->coming_until = staged.until;
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

// Until the next try.
bool Broker::Parts::wait(std::string why) {
    refuse(std::move(why));
    tell_away();
    return false;
}

bool Broker::Parts::turn() {
    mark.move(clock.steady());
    make_ready();
    if (!end_expired()) return false;
    send_refused_again();
    const auto state = line.state();
    const bool is_known = state.is_ready() && state.connection == compared;
    if (!is_known && !compare(state)) {
        tell_away();
        return false;
    }
    load_pages();
    if (!end_expired()) return false;
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
        if (is_new || !unsent.empty() || refused_again_at || !made.empty())
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
    report.sent_ready = parts_->sent_ready;
    report.forbids_scripts = parts_->forbids_scripts;
    return report;
}

}  // namespace cjv::dispatch
