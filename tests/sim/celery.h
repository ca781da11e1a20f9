#pragma once
// A broker and workers that cannot be trusted, and that outlive servers: the broker loses answers, data and
// connections, refuses and delays; what workers tell of their tasks is lost, doubled or late. Each message that
// reaches the broker is held against what is stored at that moment: I-02 (none twice within one life of the broker's
// data), I-03, I-08 and I-09 of docs/design/guarantees.md. The real ones are Redis and src/monitor.

#include "dispatch/broker.h"
#include "keeper.h"
#include "ledger.h"
#include "oracle.h"
#include "store/store.h"
#include "support/clock.h"
#include "support/redis_model.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace cjv::sim {

// What somebody could break of the broker without noticing.
enum class BrokerMutant {
    none,
    compares_nothing,  // what is sent again is pushed again
    loses_in_silence,  // its data are gone, its numbers are not
};

class Celery {
public:
    Celery(Dice& dice, support::MovableClock& clock, Keeper& keeper, Ledger& ledger,
           BrokerMutant mutant);

    // The message of a run: its id, on a list of its job; some expire, some are for an exchange.
    static std::optional<store::Message> encode(const domain::Job& job, const domain::Run& run);
    dispatch::BrokerLine line();
    void on_commit(const store::Commit& commit);

    // Connections come and go, data are lost.
    void draw_trouble();
    // Workers take and do what is due, and tell the store of it; null: there is no server.
    void step(store::Store* store);
    // From now on nothing goes wrong, and all is quick.
    void heal();

private:
    struct Task {
        enum class Stage { received, started, ended } stage = Stage::received;  // what is next
        Instant due{};
        store::TaskNews news = {};
        bool is_lost = false;  // with its worker
    };

    bool goes_wrong(std::int64_t one_in) { return !is_healed_ && dice_.one_in(one_in); }
    Instant in(std::int64_t most_seconds);
    support::RedisModel::Fault draw_fault(int n);
    net::Answer ask(const net::Commands& commands, std::int64_t connection);
    void judge(const support::RedisModel::Push& push);
    void take_messages();
    void move(Task& task);
    void tell(store::Store& store, const store::TaskNews& news);
    bool has_ended(const std::string& run);
    void bind_queues();

    Dice& dice_;
    support::MovableClock& clock_;
    Keeper& keeper_;
    Ledger& ledger_;
    support::RedisModel redis_;
    const BrokerMutant mutant_;
    bool is_healed_ = false;
    std::size_t judged_ = 0;  // of the pushes
    // By list and message: in which lives.
    std::map<std::pair<std::string, std::string>, std::set<int>> pushed_;
    bool may_double_ = false;  // the broker has forbidden scripts
    std::set<std::string> revoked_;
    std::map<std::string, Task> tasks_;  // by id
};

}  // namespace cjv::sim
