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
#include "celery/transport.h"
#include "monitor/health.h"
#include "monitor/ingest.h"
#include "monitor/remote.h"
#include "monitor/workers.h"
#include "net/io_thread.h"
#include "net/redis.h"
#include "net/redis_options.h"
#include "store/store.h"

namespace cjv::monitor {

struct FleetOptions {
    net::RedisOptions broker;                       // for the events, on a connection of their own
    std::optional<net::RedisOptions> results = {};  // nothing: there is no result backend
    celery::Transport transport = {};
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
    Remote& remote();
    IngestCounts counts() const;
    FleetFacts facts() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::monitor
