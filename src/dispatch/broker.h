#pragma once
// Hands batches to Redis, each once within one life of its data: a script there compares numbers, so that a batch
// which is sent again after a crash or a lost answer is not pushed again. What the broker does not take stays in
// the outbox; what it took and has lost is sent once more.

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "celery/transport.h"
#include "dispatch/unsent.h"
#include "net/redis.h"
#include "store/store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cjv::dispatch {

struct BrokerReport {
    net::RedisState connection = {};
    std::int64_t waiting = 0;     // messages in the outbox
    std::string refusal = {};     // why the broker did not take the newest batch; empty: it did
    std::int64_t sent_ready = 0;  // writes that had been put together before their commit
    // It takes no scripts, which make sure that nothing is pushed twice.
    bool forbids_scripts = false;
};

// How a broker is asked: see net::Redis.
struct BrokerLine {
    std::function<net::Answer(net::Commands, std::int64_t connection)> ask;
    std::function<net::RedisState()> state;
};
BrokerLine line_of(net::Redis& redis);

class Broker {
public:
    // `pushed_key` is the hash with the newest number of each list, "cjv:pushed" with the transport's prefix.
    // All others must outlive it.
    // `transport` says where exchanges are. `room` is for messages that wait, and are on disk as well.
    Broker(store::Store& store, BrokerLine line, std::string pushed_key, const Clock& clock,
           Log& log, Progress& progress, celery::Transport transport = {},
           const OutboxRoom& room = {});
    ~Broker();

    // What the last server left in the outbox. Before start().
    Result<void> recover();
    // Subscribe this to the store's feed, before its writer starts; of those that are first. Writer's thread.
    void on_commit(const store::Commit& commit);
    // Subscribe this to what is staged: its commands are put together, for the commit to send them. Writer's thread.
    void on_staged(const store::Staged& staged);
    // The connection has changed. Any thread.
    void wake();

    void start();
    // What is not sent stays in the outbox, for the next start.
    void stop();
    // One round, where start() was not called: tests and the simulation. True: there may be more to do at once.
    bool turn();

    BrokerReport report() const;  // any thread

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::dispatch
