#pragma once
// A store and its broker over a Redis in memory.

#include "dispatch/broker.h"
#include "support/redis_model.h"
#include "support/store.h"

#include <memory>
#include <string>
#include <vector>

namespace cjv::support {

struct BrokerWorld : StoreWorld {
    explicit BrokerWorld(const dispatch::OutboxRoom& with = {}) : room(with) {
        redis.connect();
        begin();
    }

    void begin() {
        broker = std::make_unique<dispatch::Broker>(
            *store,
            dispatch::BrokerLine{
                .ask = [this](const net::Commands& commands,
                              std::int64_t connection) { return redis.ask(commands, connection); },
                .state = [this] { return redis.state(); }},
            "cjv:pushed", clock, log, progress, celery::Transport{}, room);
        must(broker->recover());
        store->feed().subscribe_first([this](const store::Commit& commit) {
            if (broker) broker->on_commit(commit);
        });
        store->feed().subscribe_to_staged([this](const store::Staged& staged) {
            if (broker) broker->on_staged(staged);
        });
    }
    // The server dies, and another starts.
    void restart() {
        const auto alive = reader();  // a database in memory lives as long as a connection
        broker.reset();
        open();
        begin();
    }
    // All turns until there is nothing to do, or for a while.
    void run() {
        for (int i = 0; i < 20; ++i) {
            while (broker->turn()) continue;
            turn();
        }
    }
    domain::EntryPtr a_task() { return create(a_job().celery("t")); }

    std::vector<std::string> pushed(int life) const {
        std::vector<std::string> found;
        for (const auto& push : redis.pushes)
            if (push.life == life) found.push_back(push.message);
        return found;
    }
    std::string message(const domain::Run& run) const { return "message of " + to_text(run.id); }

    const dispatch::OutboxRoom room;
    Progress progress;
    RedisModel redis;
    std::unique_ptr<dispatch::Broker> broker;
};

}  // namespace cjv::support
