#include "store/parts.h"

#include "store/apart.h"
#include "store/asked.h"
#include "store/chores.h"
#include "store/jobs.h"
#include "store/migrate.h"
#include "store/outbox.h"
#include "store/sent_marks.h"
#include "store/settings.h"

namespace cjv::store {
namespace {

// To whom a file cannot be opened that SQLite calls damaged, or no database.
constexpr std::string_view kRescue =
    ". The file is left as it is. Copy the whole data folder first; then put a back-up in its "
    "place, or save what "
    "can be read with: sqlite3 FILE .recover";

}  // namespace

Result<void> Store::Parts::follow_zones(std::span<const JobNumber> jobs) {
    std::vector<Moved> moved(jobs.size());
    const auto refusals = write(Order::promise, [&](Transaction& tx) {
        return do_each(tx, jobs.size(), [&](Transaction& own, std::size_t i) -> Result<void> {
            const auto followed = follow_zone(own, jobs[i], zones, outage_at(own.now));
            if (!followed) return std::unexpected(followed.error());
            moved[i] = *followed;
            return {};
        });
    });
    if (!refusals) return std::unexpected(refusals.error());
    for (const Refusal& refusal : *refusals) moved[refusal.index] = {};
    for (std::size_t i = 0; i < jobs.size(); ++i) tell(jobs[i], moved[i]);
    if (refusals->empty()) return {};
    return fail(refusals->front().error, "a job in a zone whose data have changed");
}

void Store::Parts::tell(JobNumber number, const Moved& moved) {
    const auto entry = memory.board.find(number);
    if (!entry) return;
    const domain::Job& job = *entry->job;
    switch (moved.what) {
        case Moved::What::nothing: return;
        case Moved::What::slot: return log_moved_slot(log, job, moved.before, moved.after);
        case Moved::What::gone:
            return log.error("store.zone_missing", {{"job", job.name}, {"timezone", job.timezone}});
        case Moved::What::back:
            log.info("store.zone_back", {{"job", job.name}, {"timezone", job.timezone}});
            if (moved.after != moved.before) log_moved_slot(log, job, moved.before, moved.after);
    }
}

void Store::Parts::tell(std::span<const Refused> refused) {
    for (const Refused& one : refused) {
        if (!one.is_new) continue;
        const auto entry = memory.board.find(one.job);
        log.error("store.decision_refused", {{"job", entry ? entry->job->name : ""},
                                             {"number", one.job.value},
                                             {"error", one.why}});
    }
}

Result<std::vector<RunId>> Store::Parts::change_runs(
    std::size_t count, const std::function<Result<void>(Transaction&, std::size_t)>& work,
    const std::function<RunId(std::size_t)>& run_of) {
    const auto refusals =
        write(Order::decision, [&](Transaction& tx) { return do_each(tx, count, work); });
    if (!refusals) return std::unexpected(refusals.error());
    std::vector<RunId> refused;
    for (const Refusal& refusal : *refusals) {
        refused.push_back(run_of(refusal.index));
        log.error("store.change_refused",
                  {{"run", to_text(refused.back())}, {"error", refusal.error.what}});
    }
    return refused;
}

Result<void> Store::Parts::open() {
    auto db = Database::open(options.path, Access::writer);
    if (!db) return std::unexpected(db.error());
    if (options.break_writes) db->break_when(options.break_writes);
    if (auto migrated = migrate(*db, clock.now()); !migrated) return migrated;
    if (auto begun = begin(*db); !begun) return begun;
    auto marks = kept_marks(*db);
    if (!marks) return std::unexpected(marks.error());

    writer = std::make_unique<Writer>(*std::move(db), Writer::Parts{.memory = memory,
                                                                    .feed = feed,
                                                                    .key = key,
                                                                    .encode = options.encode,
                                                                    .clock = clock,
                                                                    .log = log});
    for (SentRun& sent : *marks) {
        sent.installation = installation;
        writer->observe(std::move(sent));
    }
    auto lent = Readers::open(options.path, options.readers,
                              [this] { writer->stop_writing(Damage::file); });
    if (!lent) return std::unexpected(lent.error());
    readers = *std::move(lent);
    return {};
}

// Counts the start and fills memory. Nobody follows the feed yet.
Result<void> Store::Parts::begin(Database& db) {
    auto scope = Scope::open(db, Scope::Kind::write);
    if (!scope) return std::unexpected(scope.error());
    const auto id = store::installation_id(db, options.random);
    if (!id) return std::unexpected(id.error());
    installation = memory.installation = *id;
    const auto kept = store::installation_key(db, options.random);
    if (!kept) return std::unexpected(kept.error());
    key = *kept;
    const auto start = next_start_number(db);
    if (!start) return std::unexpected(start.error());
    start_number = *start;
    memory.asked_runs = static_cast<std::uint32_t>(start_number) << 16;

    const Instant now = clock.now();
    if (auto removed = remove_dead_sessions(db, dead_sessions(now)); !removed) return removed;
    if (auto loaded = memory.people.load(db); !loaded) return loaded;
    if (auto loaded = memory.totals.load(db); !loaded) return loaded;
    if (auto loaded = memory.task_ids.load(db, now); !loaded) return loaded;
    auto next = next_batches(db);
    if (!next) return std::unexpected(next.error());
    memory.next_batches = *std::move(next);
    if (auto loaded = load_jobs(db, zones, memory.board, log); !loaded) return loaded;

    Draft draft(memory);
    Transaction tx{.db = db, .draft = draft, .now = now, .key = key, .encode = options.encode};
    if (auto created = create_chores(tx, zones, options.random); !created) return created;
    if (auto committed = scope->commit(); !committed) return committed;
    draft.keep(now);
    return {};
}

Store::Store() = default;
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(Options options, const Clock& clock,
                                           const schedule::Zones& zones, Log& log) {
    std::unique_ptr<Store> store(new Store);
    const std::string path = options.path;
    store->parts_ = std::make_unique<Parts>(std::move(options), clock, zones, log);
    if (const auto opened = store->parts_->open(); !opened) {
        Error error = opened.error();
        if (error.code == Errc::corrupt) error.what += kRescue;
        return fail(std::move(error), "database " + path);
    }
    log.info("store.opened", {{"path", path},
                              {"sqlite", Database::version()},
                              {"schema", schema_number()},
                              {"jobs", store->board().size()},
                              {"start", store->start_number()}});
    return store;
}

}  // namespace cjv::store
