#pragma once
// Everything that speaks with Celery's broker, where the configuration names one: built, subscribed, started and
// stopped together.

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/config.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "dispatch/broker.h"
#include "dispatch/celery_target.h"
#include "monitor/fleet.h"
#include "monitor/health.h"
#include "net/io_thread.h"
#include "net/redis.h"
#include "net/redis_url.h"
#include "store/store.h"

namespace cjv::app {

struct CelerySetup {
    dispatch::CelerySettings dispatch;
    bool has_broker = false;  // without one the rest says nothing
    net::RedisUrl broker;
    net::RedisUrl results;  // the broker's, unless the configuration names another
    std::string result_prefix;
};

// `bad_input` names the setting, with file and line where it stands in one.
Result<CelerySetup> celery_setup(const Config& config);

class CeleryLink {
public:
    // Takes over what the last server left in the outbox. Everything given must outlive it.
    static Result<std::unique_ptr<CeleryLink>> build(const CelerySetup& setup, store::Store& store,
                                                     const Clock& clock, Log& log,
                                                     Progress& progress);
    // Subscribe this to the store's feed. Writer's thread.
    void on_commit(const store::Commit& commit) { fleet_->on_commit(commit); }
    // The same of those that are first, and of what is staged.
    void on_first(const store::Commit& commit) { broker_->on_commit(commit); }
    void on_staged(const store::Staged& staged) { broker_->on_staged(staged); }
    void start();
    void stop();                         // what is not sent stays in the outbox
    monitor::FleetFacts health() const;  // any thread
    monitor::Fleet& fleet() { return *fleet_; }

private:
    CeleryLink() = default;

    // In the order in which they need one another.
    std::unique_ptr<net::IoThread> io_;
    std::unique_ptr<net::Redis> redis_;
    std::unique_ptr<dispatch::Broker> broker_;
    std::unique_ptr<monitor::Fleet> fleet_;
    std::atomic<bool> is_started_ = false;
};

}  // namespace cjv::app
