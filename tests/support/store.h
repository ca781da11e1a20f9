#pragma once
// A store in memory, a clock that moves when told, and a log that is kept.

#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/iso8601.h"
#include "schedule/zones.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "support/clock.h"
#include "support/job.h"
#include "support/must.h"

namespace cjv::support {

// A database in memory lives as long as a connection to it: this world's store, or one that was opened with the
// same path.
inline std::string memory_path() {
    static std::atomic<int> count = 0;
    return "file:/test-" + std::to_string(++count) + "?vfs=memdb";
}

// The database at `path` refuses each change of the run, until allow_changes().
inline void refuse_changes_of(const RunId& run, const std::string& path) {
    std::string hex = to_text(run);
    std::erase(hex, '-');
    must(must(store::Database::open(path, store::Access::writer))
             .script("CREATE TRIGGER refused_change BEFORE UPDATE ON runs WHEN OLD.id = x'" + hex +
                     "' BEGIN SELECT RAISE(ABORT, 'refused'); END"));
}
inline void allow_changes(const std::string& path) {
    must(must(store::Database::open(path, store::Access::writer))
             .script("DROP TRIGGER refused_change"));
}

struct StoreWorld {
    explicit StoreWorld(Instant now = at("01:00"), std::string where = memory_path(),
                        schedule::Zones::Load zone_files = {})
        : path(std::move(where)), clock(now), zones(std::move(zone_files)) {
        open();
    }

    void open() {
        store.reset();
        store = must(store::Store::open(
            {.path = path,
             .readers = 1,
             .random = [this](auto out) { fill(out); },
             .encode = [this](const auto& job, const auto& run) { return encode(job, run); },
             .break_writes = [this] { return breaks(); }},
            clock, zones, log));
        store->feed().subscribe([this](const store::Commit& commit) {
            changes.insert(changes.end(), commit.changes.begin(), commit.changes.end());
            batches.insert(batches.end(), commit.batches.begin(), commit.batches.end());
        });
    }
    // The n-th statement from now on fails, and all after it until mended.
    void break_at(int statement) { until_break = statement; }
    void mend() { until_break = -1; }
    void count_statements() { statements = 0; }
    bool breaks() {
        ++statements;
        if (const auto once = std::exchange(before_statement, {})) once();
        if (until_break < 0) return false;
        if (until_break > 0) --until_break;
        return until_break == 0;
    }

    // The database refuses each run for a slot of this job, until cured.
    void poison(const domain::EntryPtr& job) {
        auto db = must(store::Database::open(path, store::Access::writer));
        must(db.script(
            "CREATE TRIGGER poison BEFORE INSERT ON runs WHEN NEW.slot IS NOT NULL AND "
            "NEW.job = " +
            std::to_string(job->number.value) + " BEGIN SELECT RAISE(ABORT, 'poisoned'); END"));
    }
    void cure() {
        auto db = must(store::Database::open(path, store::Access::writer));
        must(db.script("DROP TRIGGER poison"));
    }

    // The same in each run of a test, and never the same again within one.
    void fill(std::span<std::uint8_t> out) {
        for (auto& byte : out) byte = static_cast<std::uint8_t>(random());
    }

    // Another store on the same database, which knows what is on disk and nothing else.
    std::unique_ptr<store::Store> reloaded() {
        return must(store::Store::open({.path = path, .readers = 1}, clock, zones, log));
    }
    store::Database reader() { return must(store::Database::open(path, store::Access::reader)); }
    void turn() {
        for (int rounds = 0; store->turn() && rounds < 1'000; ++rounds) continue;
    }

    domain::EntryPtr create(const JobBuilder& job) {
        return must(store->create_job(job.job(), {}));
    }
    domain::EntryPtr entry(const domain::EntryPtr& job) { return store->board().find(job->number); }
    // What the beat would do at this moment for one job.
    void decide(const domain::EntryPtr& job, domain::Outage outage = {}) {
        const domain::Decision decision = domain::plan(*entry(job), outage, clock.now());
        must(store->commit({&decision, 1}));
    }
    domain::Run run_of(const domain::EntryPtr& job, Instant slot) {
        return must(store->find_run(
                        domain::slot_run_id(store->installation_key(), job->number, slot)))
            .value();
    }
    domain::Run find(const domain::Run& run) { return must(store->find_run(run.id)).value(); }
    // From pending to its end, at this moment.
    void finish(const RunId& run, domain::Status status = domain::Status::success) {
        must(store->commit_queued({&run, 1}));
        store->observe_started({.run = run, .at = clock.now()});
        store->observe_ended({.run = run, .at = clock.now(), .status = status});
        turn();
    }
    domain::Run ask(const domain::EntryPtr& job, bool force = false) {
        return must(store->ask_run({.job = job->number, .force = force}, {}));
    }

    std::string path;
    MovableClock clock;
    schedule::Zones zones;
    std::vector<std::string> log_lines;  // of the log: warnings and errors
    Log log{{.level = LogLevel::warning,
             .format = LogFormat::json,
             .sink = [this](std::string_view line) { log_lines.emplace_back(line); }},
            clock};
    // Jobs for Celery get a message: the run's id, on the list that is the job's task.
    std::optional<store::Message> encode(const domain::Job& job, const domain::Run& run) const {
        if (job.kind != domain::Kind::celery) return std::nullopt;
        store::Message message{.list = job.task, .bytes = "message of " + to_text(run.id)};
        if (message_bytes > 0) message.bytes.resize(message_bytes, ' ');
        if (expires_after) message.expires = run.at + *expires_after;
        if (messages_say_when && message.expires)
            message.bytes =
                R"({"body":"W10=","content-type":"application/json","headers":{"task":"t","id":")" +
                to_text(run.id) + R"(","expires":")" + to_iso8601(*message.expires) +
                R"("},"properties":{"body_encoding":"base64"}})";
        return message;
    }
    std::optional<std::chrono::microseconds> expires_after;  // of every message
    std::size_t message_bytes = 0;                           // 0: as long as they are
    bool messages_say_when = false;                          // they expire, as Celery's do

    // Called once, before the writer's next statement: where others may be faster.
    int statements = 0;  // of the writer
    std::function<void()> before_statement;
    int until_break = -1;
    std::mt19937 random{1};
    std::vector<store::Change> changes;
    std::vector<store::BatchPtr> batches;
    std::unique_ptr<store::Store> store;
};

}  // namespace cjv::support
