#include "monitor/health.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "base/iso8601.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;

constexpr auto kSlowCommit = 1s;   // a disk that needs this long delays every decision
constexpr std::size_t kNamed = 5;  // of many workers
constexpr auto kLateTurn = 1s;     // lateness that people notice (docs/design/guarantees.md)

using Part = Component Health::*;
constexpr std::array<Part, 6> kParts = {&Health::database, &Health::scheduler,
                                        &Health::broker,   &Health::result_backend,
                                        &Health::workers,  &Health::queues};

std::string seconds(std::chrono::microseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

Component database(const HealthFacts& facts) {
    if (!facts.store_error.empty())
        return {State::unavailable,
                "Nothing can be written until a restart: " + facts.store_error +
                    ". Look at the disk first; slots that pass meanwhile are decided afterwards."};
    Component part{State::healthy, "", {}, facts.last_commit};
    if (facts.last_commit > kSlowCommit) {
        part.state = State::degraded;
        part.detail =
            "The newest commit took " + seconds(facts.last_commit) + ". The disk is slow or busy.";
    }
    return part;
}

Component scheduler(const HealthFacts& facts) {
    if (!facts.stalled.empty()) {
        std::string loops = facts.stalled[0];
        for (std::size_t i = 1; i < facts.stalled.size(); ++i) loops += ", " + facts.stalled[i];
        return {State::unavailable,
                "Stands still: " + loops + ". The server needs to be restarted."};
    }
    if (facts.undecided_since)
        return {State::unavailable,
                "Slots cannot be decided since " + to_iso8601(*facts.undecided_since) + ": " +
                    facts.undecided_why + ". Those that pass meanwhile are decided afterwards."};
    Component part{State::healthy, "", {}, facts.lateness};
    if (facts.resumes_at) {
        part.state = State::degraded;
        part.detail =
            "The clock was set back; slots resume at " + to_iso8601(*facts.resumes_at) + ".";
    } else if (facts.jobs_in_trouble > 0) {
        part.state = State::degraded;
        part.detail =
            (facts.jobs_in_trouble == 1 ? std::string("1 job")
                                        : std::to_string(facts.jobs_in_trouble) + " jobs") +
            " cannot be served, all others are; the log says which and why.";
    } else if (facts.lateness > kLateTurn) {
        part.state = State::degraded;
        part.detail = "The newest slots were decided " + seconds(facts.lateness) + " late.";
    } else if (!facts.clock_synchronised) {
        // A warning, not a state: slots are served, and inside a container nobody may ask the kernel.
        part.detail =
            "The machine's clock is not synchronised; start a time service such as chrony.";
    }
    return part;
}

Component redis(const net::RedisState& connection, std::string_view name,
                std::string_view meanwhile) {
    if (connection.is_ready()) return {};
    if (connection.is == net::RedisState::Is::connecting)
        return {State::degraded, fmt::format("The {} has not answered yet.", name)};
    return {State::unavailable,
            fmt::format("The {} is away: {}. {}", name, connection.detail, meanwhile)};
}

Component broker(const FleetFacts& facts) {
    const std::string waits =
        facts.waiting == 0 ? "Runs wait until it is back."
                           : fmt::format("{} messages wait here until it is back.", facts.waiting);
    Component part = redis(facts.broker, "broker", waits);
    if (part.state != State::healthy) return part;
    part.latency = facts.latency;
    if (!facts.refusal.empty()) {
        part.state = State::degraded;
        part.detail = fmt::format("The broker takes no messages: {}. {} messages wait here.",
                                  facts.refusal, facts.waiting);
    } else if (facts.forbids_scripts) {
        part.state = State::degraded;
        part.detail =
            "Redis forbids scripts (EVAL, EVALSHA), without which a task may be sent twice when "
            "this "
            "server or its connection breaks off while it sends. Allow them for this user.";
    } else if (!facts.policy.empty() && facts.policy != "noeviction") {
        part.state = State::degraded;
        part.detail = fmt::format(
            "Redis' maxmemory-policy is {}: it may drop queues when its memory is full. Set it to "
            "noeviction.",
            facts.policy);
    } else if (facts.max_memory > 0 && facts.used_memory > facts.max_memory / 10 * 9) {
        part.state = State::degraded;
        part.detail =
            fmt::format("Redis uses {} of {} bytes; when all are used it takes no message.",
                        facts.used_memory, facts.max_memory);
    } else if (!facts.events.is_ready()) {
        part.state = State::degraded;
        part.detail = "Events of the workers are not received" +
                      (facts.events.detail.empty() ? "." : ": " + facts.events.detail + ".");
    }
    return part;
}

Component no_broker(std::int64_t stranded) {
    if (stranded == 0) return {State::not_configured, "No broker is configured."};
    return {State::degraded,
            fmt::format("No broker is configured, and {} for one. Set celery.broker (--broker) to "
                        "the broker that {} decided for, or cancel {}.",
                        stranded == 1 ? "1 run waits" : fmt::format("{} runs wait", stranded),
                        stranded == 1 ? "it was" : "they were", stranded == 1 ? "it" : "them")};
}

Component result_backend(const FleetFacts& facts) {
    if (!facts.results) return {State::not_configured, "No result backend is configured."};
    return redis(*facts.results, "result backend",
                 "Results are not shown, and runs whose events were missed stay open.");
}

// The first of them, with commas.
std::string named(std::span<const std::string> names) {
    std::string text;
    for (const std::string& name : names.first(std::min(names.size(), kNamed)))
        text += (text.empty() ? "" : ", ") + name;
    return text + (names.size() > kNamed ? ", …" : "");
}

Component workers(const FleetFacts& facts) {
    if (!facts.broker.is_ready())
        return {State::unavailable, "The broker is not there, so that no worker can be heard."};
    std::size_t online = 0;
    std::vector<std::string> late;
    for (const auto& [name, phase] : facts.workers) {
        online += phase == celery::WorkerPhase::online;
        if (phase == celery::WorkerPhase::late) late.push_back(name);
    }
    const std::size_t all = online + late.size();
    if (all == 0)
        return {State::unavailable, "No worker is online: nothing that is sent runs. Start one."};
    std::string detail;
    if (!late.empty())
        detail = fmt::format("{} of {} workers have not been heard of for a while: {}.",
                             late.size(), all, named(late));
    if (!facts.deaf.empty())
        detail += fmt::format(
            "{}{} of {} workers tell of no tasks and follow no remote control: {}. Start them with "
            "--task-events, or let them follow it; which queues they serve cannot be known.",
            detail.empty() ? "" : " ", facts.deaf.size(), all, named(facts.deaf));
    if (detail.empty()) return {};
    return {State::degraded, std::move(detail)};
}

Component queues(const FleetFacts& facts) {
    if (facts.deserted.empty()) return {};
    return {State::degraded,
            fmt::format("No worker listens on {} of the jobs' queues: {}. Start one there, or "
                        "name another queue.",
                        facts.deserted.size(), named(facts.deserted))};
}

}  // namespace

std::string_view to_text(State state) {
    switch (state) {
        case State::healthy: return "healthy";
        case State::degraded: return "degraded";
        case State::unavailable: return "unavailable";
        case State::not_configured: return "not_configured";
    }
    return "";
}

Health judge(const HealthFacts& facts) {
    const Component none{State::not_configured, "No broker is configured."};
    const auto& fleet = facts.fleet;
    Health health{.database = database(facts),
                  .scheduler = scheduler(facts),
                  .broker = fleet ? broker(*fleet) : no_broker(facts.stranded_runs),
                  .result_backend = fleet ? result_backend(*fleet) : none,
                  .workers = fleet ? workers(*fleet) : none,
                  .queues = fleet ? queues(*fleet) : none};
    if (facts.waiting_runs > 0) {
        const auto [state, detail] = std::pair(health.queues.state, health.queues.detail);
        const bool is_ill = state == State::degraded || state == State::unavailable;
        health.queues = {is_ill ? state : State::degraded,
                         (is_ill ? detail + " " : "") + std::to_string(facts.waiting_runs) +
                             " runs wait for a free place; raise runner.concurrency "
                             "if the machine can take more."};
    }
    for (const Part part : kParts) {
        const State state = (health.*part).state;
        if (state != State::not_configured) health.status = std::max(health.status, state);
    }
    return health;
}

std::string not_ready(const Health& health) {
    for (const Component* part : {&health.database, &health.scheduler})
        if (part->state == State::unavailable) return part->detail;
    return "";
}

bool is_same_news(const Health& a, const Health& b) {
    return std::ranges::all_of(kParts, [&](Part part) {
        return (a.*part).state == (b.*part).state && (a.*part).detail == (b.*part).detail;
    });
}

Health HealthWatch::look(const HealthFacts& facts, Instant now) {
    Health health = judge(facts);
    const std::scoped_lock lock(mutex_);
    for (const Part part : kParts) {
        const bool same = last_ && (*last_.*part).state == (health.*part).state;
        (health.*part).since = same ? (*last_.*part).since : now;
    }
    last_ = health;
    return health;
}

}  // namespace cjv::monitor
