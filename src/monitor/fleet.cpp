#include "monitor/fleet.h"

#include "monitor/inquiry.h"
#include "net/redis_subscriber.h"

namespace cjv::monitor {

// In the order in which they need one another; they go in reverse.
struct Fleet::Parts {
    Parts(store::Store& store, net::Redis& its_broker, net::IoThread& its_io,
          FleetOptions its_options, const Clock& its_clock, Log& its_log, Progress& its_progress)
        : io(its_io),
          options(std::move(its_options)),
          clock(its_clock),
          log(its_log),
          progress(its_progress),
          remote(its_broker, options.transport, clock, options.random) {
        if (options.results) {
            result_client =
                std::make_unique<net::Redis>(io, *options.results, net::RedisWatcher(), clock, log);
            results = std::make_unique<Results>(*result_client, options.result_prefix);
        }
        ingest = std::make_unique<Ingest>(store, workers, results.get(), clock, log);
        inquiry = std::make_unique<Inquiry>(Inquiry::Parts{.store = store,
                                                           .ingest = *ingest,
                                                           .workers = workers,
                                                           .remote = remote,
                                                           .broker = its_broker,
                                                           .results = results.get(),
                                                           .clock = clock,
                                                           .log = log});
    }

    void subscribe();

    net::IoThread& io;
    const FleetOptions options;
    const Clock& clock;
    Log& log;
    Progress& progress;
    Workers workers;
    Remote remote;
    std::unique_ptr<Ingest> ingest;  // before the client that answers to it
    std::unique_ptr<net::Redis> result_client;
    std::unique_ptr<Results> results;
    std::unique_ptr<Inquiry> inquiry;
    std::unique_ptr<net::RedisSubscriber> events;
};

void Fleet::Parts::subscribe() {
    events = std::make_unique<net::RedisSubscriber>(
        io, options.broker,
        net::RedisChannels{.patterns = {celery::event_pattern(options.transport)}},
        [this](const net::RedisMessage& message) { ingest->put(message.channel, message.payload); },
        [this](const net::RedisState& state) {
            ingest->set_subscribed(state.is_ready() ? std::optional(state.since) : std::nullopt);
        },
        clock, log);
}

Fleet::Fleet(store::Store& store, net::Redis& broker, net::IoThread& io, FleetOptions options,
             const Clock& clock, Log& log, Progress& progress)
    : parts_(std::make_unique<Parts>(store, broker, io, std::move(options), clock, log, progress)) {
}

Fleet::~Fleet() { stop(); }

Result<void> Fleet::recover() { return parts_->inquiry->recover(); }
void Fleet::on_commit(const store::Commit& commit) { parts_->inquiry->on_commit(commit); }

void Fleet::start() {
    parts_->ingest->start(parts_->progress);
    parts_->inquiry->start(parts_->progress);
    parts_->subscribe();
}

void Fleet::stop() {
    Parts& parts = *parts_;
    if (!parts.events) return;
    parts.events.reset();
    parts.inquiry->stop();
    parts.remote.leave();
    parts.ingest->stop();
    parts.result_client.reset();  // answers what waits
    parts.ingest->turn();
}

const Workers& Fleet::workers() const { return parts_->workers; }
Remote& Fleet::remote() { return parts_->remote; }
IngestCounts Fleet::counts() const { return parts_->ingest->counts(); }

FleetFacts Fleet::facts() const {
    const RedisFacts broker = parts_->inquiry->broker();
    FleetFacts facts{.broker = broker.connection,
                     .latency = broker.latency,
                     .policy = broker.policy,
                     .used_memory = broker.used_memory,
                     .max_memory = broker.max_memory,
                     .refusal = broker.trouble};
    if (parts_->events) facts.events = parts_->events->state();
    if (parts_->result_client) facts.results = parts_->result_client->state();
    for (const Worker& worker : parts_->workers.all(parts_->clock.now()))
        facts.workers.emplace_back(worker.name, worker.phase);
    return facts;
}

}  // namespace cjv::monitor
