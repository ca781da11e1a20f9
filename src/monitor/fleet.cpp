#include "monitor/fleet.h"

#include <array>

#include "monitor/inquiry.h"
#include "net/redis_subscriber.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 1'500ms;  // for workers' answers

// Which of the answers is whose; of a worker that answered twice, the last.
std::map<std::string, std::string> by_worker(const std::vector<celery::ControlReply>& replies) {
    std::map<std::string, std::string> values;
    for (const celery::ControlReply& reply : replies) values[reply.worker] = reply.value;
    return values;
}

}  // namespace

// In the order in which they need one another; they go in reverse.
struct Fleet::Parts {
    Parts(store::Store& store, net::Redis& its_broker, net::IoThread& its_io,
          FleetOptions its_options, const Clock& its_clock, Log& its_log, Progress& its_progress)
        : io(its_io),
          options(std::move(its_options)),
          clock(its_clock),
          log(its_log),
          progress(its_progress),
          remote(its_broker, options.transport, clock, options.random),
          queues(store, its_broker, options.transport, options.routes, workers, clock) {
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
                                                           .queues = queues,
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
    Queues queues;
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
Queues& Fleet::queues() { return parts_->queues; }
IngestCounts Fleet::counts() const { return parts_->ingest->counts(); }

Result<std::optional<WorkerDetail>> Fleet::look_at(const std::string& name) {
    Workers& workers = parts_->workers;
    const Clock& clock = parts_->clock;
    auto worker = workers.find(name, clock.now());
    if (!worker) return std::optional<WorkerDetail>();
    WorkerDetail detail{.worker = *std::move(worker)};
    if (detail.worker.phase > celery::WorkerPhase::late) return std::optional(std::move(detail));

    // Who is known by its answer tells of its tasks from then on.
    const std::array commands = {celery::active(),        celery::reserved(), celery::scheduled(),
                                 celery::enable_events(), celery::stats(),    celery::registered(),
                                 celery::active_queues()};
    const auto answers = parts_->remote.ask(commands, {name}, kPatience);
    if (!answers) return std::unexpected(answers.error());
    json::Tape tape;
    const std::array<std::vector<celery::HeldTask>*, 3> held = {&detail.active, &detail.reserved,
                                                                &detail.scheduled};
    for (std::size_t i = 0; i < commands.size(); ++i)
        for (const celery::ControlReply& reply : (*answers)[i]) {
            if (i >= held.size())
                workers.take_answer(reply.worker, commands[i].method, reply, clock.now());
            else if (auto tasks = celery::read_held(tape, reply.value)) {
                *held[i] = *std::move(tasks);
                detail.has_answered = true;
            }
        }
    if (auto now = workers.find(name, clock.now())) detail.worker = *std::move(now);
    return std::optional(std::move(detail));
}

Result<ControlAnswers> Fleet::control(const celery::ControlCommand& command,
                                      std::vector<std::string> names) {
    Workers& workers = parts_->workers;
    if (names.empty())
        for (const Worker& worker : workers.all(parts_->clock.now()))
            if (worker.phase <= celery::WorkerPhase::late) names.push_back(worker.name);
    if (command == celery::shutdown()) {
        if (const auto told = parts_->remote.tell(command, names); !told)
            return std::unexpected(told.error());
        return ControlAnswers{};
    }
    // What it is afterwards, too.
    const std::array commands = {command, celery::stats(), celery::active_queues()};
    const auto answers = parts_->remote.ask(commands, names, kPatience);
    if (!answers) return std::unexpected(answers.error());
    for (std::size_t i = 1; i < commands.size(); ++i)
        for (const celery::ControlReply& reply : (*answers)[i])
            workers.take_answer(reply.worker, commands[i].method, reply, parts_->clock.now());
    ControlAnswers told{.replies = by_worker((*answers)[0])};
    for (std::string& name : names)
        if (!told.replies.contains(name)) told.silent.push_back(std::move(name));
    return told;
}

FleetFacts Fleet::facts() const {
    const RedisFacts broker = parts_->inquiry->broker();
    FleetFacts facts{.broker = broker.connection,
                     .latency = broker.latency,
                     .policy = broker.policy,
                     .used_memory = broker.used_memory,
                     .max_memory = broker.max_memory,
                     .refusal = broker.trouble,
                     .deserted = broker.deserted};
    if (parts_->events) facts.events = parts_->events->state();
    if (parts_->result_client) facts.results = parts_->result_client->state();
    for (const Worker& worker : parts_->workers.all(parts_->clock.now())) {
        facts.workers.emplace_back(worker.name, worker.phase);
        if (worker.phase == celery::WorkerPhase::online && worker.tells_tasks == false)
            facts.deaf.push_back(worker.name);
    }
    return facts;
}

}  // namespace cjv::monitor
