#pragma once
// The Celery installation behind one broker, as the server sees it: its events, its results, its workers. The
// folder's face; `app` builds one where a broker is configured.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "celery/task_routes.h"
#include "celery/transport.h"
#include "monitor/control.h"
#include "monitor/health.h"
#include "monitor/ingest.h"
#include "monitor/queues.h"
#include "monitor/workers.h"
#include "net/io_thread.h"
#include "net/redis.h"
#include "net/redis_options.h"
#include "store/store.h"

namespace cjv::monitor {

// What a worker holds, beside what is known of it.
struct WorkerDetail {
    Worker worker;
    bool has_answered = false;  // just now: what follows is what it holds
    std::vector<celery::HeldTask> active = {}, reserved = {}, scheduled = {};
};

struct FleetOptions {
    net::RedisOptions broker;                       // for the events, on a connection of their own
    std::optional<net::RedisOptions> results = {};  // nothing: there is no result backend
    celery::Transport transport = {};
    celery::TaskRoutes routes = {};
    std::string result_prefix = {};  // `global_keyprefix` of `result_backend_transport_options`
    // Fills bytes for the ids of questions.
    std::function<void(std::span<std::uint8_t>)> random;
};

class Fleet {
public:
    // `broker` is the client of the same broker that others use, too. All must outlive it.
    Fleet(store::Store& store, net::Redis& broker, net::IoThread& io, FleetOptions options,
          const Clock& clock, Log& log, Progress& progress);
    ~Fleet();

    // Learns which runs are open. Before the store's writer starts.
    Result<void> recover();
    // Subscribe this to the store's feed, before its writer starts. Writer's thread.
    void on_commit(const store::Commit& commit);

    // Before dispatch sends anything, so that no event of it is missed.
    void start();
    // What has come is in the store's hands then. Before the store and the broker's client stop.
    void stop();

    // Any thread.
    const Workers& workers() const;
    Queues& queues();
    IngestCounts counts() const;
    FleetFacts facts() const;

    // These ask the workers and wait for their answers, so not on the io thread. `unavailable`: the broker is
    // away.

    // A worker as it is now, or as it was when it last answered. Nothing: there is none of that name.
    Result<std::optional<WorkerDetail>> look_at(const std::string& worker);
    // Tells these workers, or all that are there; nobody answers a shutdown.
    Result<ControlAnswers> control(const celery::ControlCommand& command,
                                   std::vector<std::string> workers = {});

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::monitor
