#include "store/store.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "base/crypto.h"
#include "domain/job_json.h"
#include "domain/overlap.h"
#include "domain/run_id.h"
#include "store/apart.h"
#include "store/asked.h"
#include "store/at_start.h"
#include "store/chores.h"
#include "store/clean_up.h"
#include "store/decisions.h"
#include "store/draft.h"
#include "store/jobs.h"
#include "store/lifecycle.h"
#include "store/logs.h"
#include "store/migrate.h"
#include "store/outbox.h"
#include "store/outputs.h"
#include "store/readers.h"
#include "store/runs.h"
#include "store/settings.h"
#include "store/skips.h"
#include "store/tasks.h"
#include "store/throttles.h"
#include "store/writer.h"
#include "store/zone_change.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFollowedAtOnce = 200;     // jobs in a commit, when zone data change
constexpr std::size_t kSentAgainAtOnce = 1'000;  // runs in a commit, when the broker lost its data
constexpr auto kSessionUse = 1min;               // a session's use is kept as exactly as that

// To whom a file cannot be opened that SQLite calls damaged, or no database.
constexpr std::string_view kRescue =
    ". The file is left as it is. Copy the whole data folder first; then put a back-up in its "
    "place, or save what "
    "can be read with: sqlite3 FILE .recover";

std::string user_name(const People& people, UserNumber number) {
    const auto person = people.find(number);
    return person ? person->user.username : std::string();
}

bool is_asked(const RunId& run) {
    const auto parts = domain::decode(run);
    return parts && parts->kind == domain::IdKind::asked;
}

}  // namespace

// Its members go in the opposite order: readers first, then the writer, which folds the log into the file.
struct Store::Parts {
    Parts(Options with, const Clock& its_clock, const schedule::Zones& its_zones, Log& its_log)
        : options(std::move(with)), clock(its_clock), zones(its_zones), log(its_log) {
        if (!options.random) options.random = crypto::random_bytes;
    }

    Options options;
    const Clock& clock;
    const schedule::Zones& zones;
    Log& log;
    domain::InstallationKey key{};
    std::int64_t start_number = 0;
    Memory memory;
    Feed feed;
    std::mutex mutex;                        // guards the two below
    std::optional<domain::Service> service;  // nothing: there is no beat
    Uuid installation;
    std::unique_ptr<Writer> writer;
    std::unique_ptr<Readers> readers;

    domain::Outage outage_at(Instant now) {
        const std::scoped_lock lock(mutex);
        return service ? domain::outage_at(*service, now) : domain::Outage{};
    }

    SessionLimits dead_sessions(Instant now) const {
        return {.created = now - options.session_max, .used = now - options.session_idle};
    }

    // Does `work`, which returns a Result, in the writer's transaction.
    template <class Work>
    auto write(Order order, Work work) -> std::invoke_result_t<Work, Transaction&> {
        std::optional<std::invoke_result_t<Work, Transaction&>> made;
        const Result<void> committed = writer->commit(order, [&](Transaction& tx) -> Result<void> {
            made.emplace(work(tx));
            if (!*made) return std::unexpected(made->error());
            return {};
        });
        if (!committed) return std::unexpected(committed.error());
        return *std::move(made);
    }

    // Changes many runs in class decisions; `run_of` names the run of an index. One that the database refuses
    // spares the others, is logged, and returned.
    Result<std::vector<RunId>> change_runs(
        std::size_t count, const std::function<Result<void>(Transaction&, std::size_t)>& work,
        const std::function<RunId(std::size_t)>& run_of);

    Result<void> follow_zones(std::span<const JobNumber> jobs);
    void tell(JobNumber job, const Moved& moved);
    // Those whose decisions the database has begun to refuse.
    void tell(std::span<const Refused> refused);

    Result<void> open();
    Result<void> begin(Database& db);
};

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

    writer = std::make_unique<Writer>(*std::move(db), Writer::Parts{.memory = memory,
                                                                    .feed = feed,
                                                                    .key = key,
                                                                    .encode = options.encode,
                                                                    .clock = clock,
                                                                    .log = log});
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
    installation = *id;
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
    auto next = next_batches(db);
    if (!next) return std::unexpected(next.error());
    memory.next_batches = *std::move(next);
    if (auto loaded = load_jobs(db, zones, memory.board, log); !loaded) return loaded;

    Draft draft(memory);
    Transaction tx{.db = db, .draft = draft, .now = now, .key = key, .encode = options.encode};
    if (auto created = create_chores(tx, zones, options.random); !created) return created;
    if (auto committed = scope->commit(); !committed) return committed;
    draft.keep();
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

void Store::start(Progress& progress) { parts_->writer->start(progress); }
void Store::stop() { parts_->writer->stop(); }
bool Store::turn() { return parts_->writer->turn(); }

const domain::Board& Store::board() const { return parts_->memory.board; }
Feed& Store::feed() { return parts_->feed; }
const domain::InstallationKey& Store::installation_key() const { return parts_->key; }
Uuid Store::installation_id() const {
    const std::scoped_lock lock(parts_->mutex);
    return parts_->installation;
}
std::int64_t Store::start_number() const { return parts_->start_number; }

// --- decisions

Result<void> Store::commit(std::span<const domain::Decision> decisions) {
    const auto refused =
        parts_->write(Order::decision, [&](Transaction& tx) { return record_all(tx, decisions); });
    if (!refused) return std::unexpected(refused.error());
    parts_->tell(*refused);
    return {};
}

Result<std::vector<JobNumber>> Store::commit_at_start(std::span<const JobNumber> jobs) {
    const auto refused =
        parts_->write(Order::decision, [&](Transaction& tx) -> Result<std::vector<Refused>> {
            const auto refusals = do_each(tx, jobs.size(), [&](Transaction& own, std::size_t i) {
                return record_at_start(own, jobs[i]);
            });
            if (!refusals) return std::unexpected(refusals.error());
            std::vector<Refused> refused;
            for (const Refusal& one : *refusals)
                refused.push_back(put_in_trouble(tx, jobs[one.index], one.error.what));
            return refused;
        });
    if (!refused) return std::unexpected(refused.error());
    parts_->tell(*refused);
    std::vector<JobNumber> left;
    for (const Refused& one : *refused) left.push_back(one.job);
    return left;
}

Result<void> Store::follow_zones(const std::set<std::string>& names) {
    std::vector<JobNumber> jobs;
    for (const auto& entry : board().all())
        if (names.contains(entry->job->timezone)) jobs.push_back(entry->number);
    Result<void> outcome;
    for (std::span<const JobNumber> left = jobs; !left.empty();) {
        const auto some = left.first(std::min(kFollowedAtOnce, left.size()));
        left = left.subspan(some.size());
        if (auto done = parts_->follow_zones(some); !done) outcome = std::move(done);
    }
    return outcome;
}

void Store::set_service(const domain::Service& service) {
    const std::scoped_lock lock(parts_->mutex);
    parts_->service = service;
}

Result<Queued> Store::commit_queued(std::span<const RunId> runs) {
    std::vector<std::string> overrides(runs.size());
    std::vector<bool> is_queued(runs.size());
    auto refused = parts_->change_runs(
        runs.size(),
        [&](Transaction& tx, std::size_t i) -> Result<void> {
            is_queued[i] = false;  // from a try before, which was rolled back
            const auto queued = queue_run(tx, runs[i], tx.now);
            if (!queued) return std::unexpected(queued.error());
            is_queued[i] = *queued;
            if (!*queued || !is_asked(runs[i])) return {};
            auto run = store::find_run(tx.db, runs[i]);
            if (!run) return std::unexpected(run.error());
            if (*run) overrides[i] = std::move((*run)->overrides);
            return {};
        },
        [&](std::size_t i) { return runs[i]; });
    if (!refused) return std::unexpected(refused.error());
    Queued queued{.refused = *std::move(refused)};
    for (std::size_t i = 0; i < runs.size(); ++i)
        if (is_queued[i] && std::ranges::find(queued.refused, runs[i]) == queued.refused.end())
            queued.runs.push_back({runs[i], std::move(overrides[i])});
    return queued;
}

Result<std::vector<RunId>> Store::commit_ended(std::span<const Ended> ends, const Why& why) {
    return parts_->change_runs(
        ends.size(),
        [&](Transaction& tx, std::size_t i) -> Result<void> {
            Ended ended = ends[i];
            if (why && ended.error.empty()) {
                const auto run = store::find_run(tx.db, ended.run);
                if (!run) return std::unexpected(run.error());
                if (*run) ended.error = why(**run);
            }
            return end_run(tx, ended);
        },
        [&](std::size_t i) { return ends[i].run; });
}

Result<std::int64_t> Store::send_lost_again(const LostBatches& lost,
                                            const std::function<void()>& on_each) {
    const auto confirmed = parts_->write(
        Order::decision, [&](Transaction& tx) { return store::confirm_lost(tx, lost); });
    if (!confirmed) return std::unexpected(confirmed.error());
    const auto runs = parts_->readers->read([&](Database& db) { return lost_runs(db, lost); });
    if (!runs) return std::unexpected(runs.error());
    std::int64_t changed = 0;
    for (std::span<const RunId> left = *runs; !left.empty();) {
        if (on_each) on_each();
        const auto some = left.first(std::min(kSentAgainAtOnce, left.size()));
        left = left.subspan(some.size());
        std::vector<bool> is_changed(some.size());
        const auto refused = parts_->change_runs(
            some.size(),
            [&](Transaction& tx, std::size_t i) -> Result<void> {
                is_changed[i] = false;  // from a try before, which was rolled back
                const auto sent = store::send_again(tx, some[i], lost);
                if (!sent) return std::unexpected(sent.error());
                is_changed[i] = *sent;
                return {};
            },
            [&](std::size_t i) { return some[i]; });
        if (!refused) return std::unexpected(refused.error());
        changed += std::ranges::count(is_changed, true);
    }
    const auto done = parts_->write(Order::decision,
                                    [&](Transaction& tx) { return store::forget_lost(tx, lost); });
    if (!done) return std::unexpected(done.error());
    return changed;
}

Result<void> Store::take_new_installation_id() {
    const auto id = parts_->write(Order::decision, [&](Transaction& tx) -> Result<Uuid> {
        if (const auto done = store::forget_numbers(tx); !done)
            return std::unexpected(done.error());
        return new_installation_id(tx.db, parts_->options.random);
    });
    if (!id) return std::unexpected(id.error());
    const std::scoped_lock lock(parts_->mutex);
    parts_->installation = *id;
    return {};
}

// --- promises

Result<domain::EntryPtr> Store::create_job(domain::Job job, const Actor&) {
    if (job.kind == domain::Kind::internal)
        return refuse("kind", "invalid_choice", "Jobs of kind internal are the system's own.");
    job.id = random_id(parts_->options.random);
    // `H` hashes the id: what runs from now on is what the next start will read.
    if (auto parsed = domain::parse_schedule(job, parts_->zones); !parsed)
        return std::unexpected(parsed.error());
    return parts_->write(Order::promise,
                         [&](Transaction& tx) { return store::create_job(tx, job); });
}

Result<domain::EntryPtr> Store::update_job(JobNumber number, std::int64_t before, domain::Job job,
                                           const Actor&) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::update_job(tx, number, before, job, parts_->outage_at(tx.now));
    });
}

Result<void> Store::delete_job(JobNumber number, std::int64_t before, const Actor& by) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::delete_job(tx, number, before, parts_->outage_at(tx.now),
                                 user_name(parts_->memory.people, by.user));
    });
}

Result<domain::Run> Store::ask_run(const AskedRun& asked, const Actor& by) {
    return parts_->write(Order::promise,
                         [&](Transaction& tx) { return record_asked(tx, asked, by); });
}

Result<domain::Run> Store::ask_cancel(const RunId& run, bool terminate, const Actor& by) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return cancel_run(tx, run, terminate, user_name(parts_->memory.people, by.user));
    });
}

// --- observations

void Store::observe_reason(const RunId& run, domain::Reason reason) {
    parts_->writer->observe(PendingReason{run, reason});
}
void Store::observe_started(Started started) { parts_->writer->observe(std::move(started)); }
void Store::observe_output(const OutputRound& round) { parts_->writer->observe(pack(round)); }
void Store::observe_sent(Sent sent) { parts_->writer->observe(std::move(sent)); }
void Store::observe_ended(Ended ended) { parts_->writer->observe(std::move(ended)); }
void Store::observe_task(TaskNews news) { parts_->writer->observe(std::move(news)); }
std::uint64_t Store::waiting_output_bytes() const { return parts_->writer->waiting_output_bytes(); }

Result<std::int64_t> Store::clean_up_slice(Instant before) {
    const auto old =
        parts_->readers->read([&](Database& db) { return find_old(db, before, kOldAtOnce); });
    if (!old) return std::unexpected(old.error());
    for (std::span<const Old> left = *old; !left.empty();) {
        const auto gone = parts_->write(Order::chore, [&](Transaction& tx) {
            return remove_old(tx, left, parts_->clock, parts_->clock.steady() + kCleanUpTime);
        });
        if (!gone) return std::unexpected(gone.error());
        left = left.subspan(*gone);
    }
    return std::ssize(*old);
}

// --- reads

Result<std::optional<domain::Run>> Store::find_run(const RunId& id) {
    return parts_->readers->read([&](Database& db) { return store::find_run(db, id); });
}
Result<std::optional<domain::Run>> Store::find_task(std::string_view task_id) {
    return parts_->readers->read([&](Database& db) { return store::find_task(db, task_id); });
}
Result<std::vector<domain::Attempt>> Store::attempts_of(const RunId& run) {
    return parts_->readers->read([&](Database& db) { return store::attempts_of(db, run); });
}
Result<std::optional<domain::Skip>> Store::find_skip(const RunId& id) {
    return parts_->readers->read([&](Database& db) { return store::find_skip(db, id); });
}
Result<LogPage> Store::logs(const LogFilter& filter, LogOrder order, std::int64_t offset,
                            std::int64_t limit) {
    return parts_->readers->read(
        [&](Database& db) { return store::logs(db, filter, order, offset, limit); });
}
Result<LogPage> Store::logs_after(const LogFilter& filter, std::optional<RunId> after,
                                  std::int64_t limit) {
    return parts_->readers->read(
        [&](Database& db) { return store::logs_after(db, filter, after, limit); });
}
Result<std::vector<domain::Run>> Store::newest_runs(JobNumber job, std::int64_t limit) {
    return parts_->readers->read([&](Database& db) { return store::newest_runs(db, job, limit); });
}
Result<std::vector<domain::Run>> Store::open_runs() {
    return parts_->readers->read([](Database& db) { return store::open_runs(db); });
}
Result<std::vector<ListNumbers>> Store::list_numbers() {
    return parts_->readers->read([](Database& db) { return store::list_numbers(db); });
}

Result<std::vector<BatchPtr>> Store::open_batches() {
    return parts_->readers->read([](Database& db) { return store::open_batches(db); });
}
Result<std::vector<OutputChunk>> Store::output_after(const RunId& run, std::int64_t after,
                                                     std::uint64_t max_bytes) {
    return parts_->readers->read(
        [&](Database& db) { return store::output_after(db, run, after, max_bytes); });
}
Result<std::string> Store::output_tail(const RunId& run, std::uint64_t max_bytes) {
    return parts_->readers->read(
        [&](Database& db) { return store::output_tail(db, run, max_bytes); });
}
std::vector<HourTotals> Store::hours_since(std::int64_t hour) const {
    return parts_->memory.totals.since(hour);
}
Result<std::vector<HourTotals>> Store::hours_of_job(JobNumber job, std::int64_t since_hour) {
    return parts_->readers->read([&](Database& db) { return hours_of(db, job, since_hour); });
}

Result<std::vector<DeletedJob>> Store::deleted_jobs() {
    return parts_->readers->read([](Database& db) { return store::deleted_jobs(db); });
}
Result<std::string> Store::job_name(JobNumber job) {
    if (const auto entry = board().find(job)) return entry->job->name;
    auto name = parts_->readers->read([&](Database& db) { return store::job_name(db, job); });
    if (!name) return std::unexpected(name.error());
    if (!*name) return fail(Errc::not_found, "there is no such job");
    return **std::move(name);
}
Result<std::optional<Uuid>> Store::job_id(JobNumber job) {
    if (const auto entry = board().find(job)) return entry->job->id;
    return parts_->readers->read([&](Database& db) { return store::job_id(db, job); });
}
Result<std::optional<JobNumber>> Store::job_number(const Uuid& id) {
    if (const auto entry = board().find(id)) return entry->number;
    return parts_->readers->read([&](Database& db) { return store::job_number(db, id); });
}

Result<std::string> Store::quick_check(const std::stop_token& stop) {
    const auto damaged = [this](std::string_view fault) {
        parts_->log.error("store.damaged", {{"fault", fault}});
        parts_->writer->stop_writing(Damage::file);
    };
    auto db = Database::open(parts_->options.path, Access::reader);
    if (!db) {
        if (db.error().code == Errc::corrupt) damaged(db.error().what);
        return std::unexpected(db.error());
    }
    const std::stop_callback interrupt(stop, [&] { db->interrupt(); });
    // An interrupt before the statement runs has no effect.
    if (stop.stop_requested()) return fail(Errc::unavailable, "stopped before the file was read");
    const auto said =
        db->find("PRAGMA quick_check(1)", {}, [](const Row& row) { return row.string(0); });
    if (!said) {
        if (db->damage() == Damage::file) damaged(said.error().what);
        return std::unexpected(said.error());
    }
    if (*said != "ok") damaged(said->value_or(""));
    return said->value_or("");
}

std::chrono::microseconds Store::last_commit_time() const {
    return parts_->writer->last_commit_time();
}
std::string Store::trouble() const { return parts_->writer->trouble(); }

// --- people

std::optional<domain::User> Store::find_user(UserNumber number) const {
    auto person = parts_->memory.people.find(number);
    return person ? std::optional(std::move(person->user)) : std::nullopt;
}
std::optional<domain::User> Store::find_user(std::string_view username) const {
    auto person = parts_->memory.people.find(username);
    return person ? std::optional(std::move(person->user)) : std::nullopt;
}
std::vector<domain::User> Store::users() const { return parts_->memory.people.users(); }
std::optional<std::string> Store::password_hash(UserNumber number) const {
    auto person = parts_->memory.people.find(number);
    if (!person || person->password.empty()) return std::nullopt;
    return std::move(person->password);
}
std::optional<Instant> Store::one_time_until(UserNumber number) const {
    const auto person = parts_->memory.people.find(number);
    return person ? person->one_time_until : std::nullopt;
}

Result<domain::User> Store::create_user(domain::User user, std::string password_hash, const Actor&,
                                        std::optional<Instant> one_time_until) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::create_user(tx, user, password_hash, one_time_until);
    });
}
Result<void> Store::set_password(UserNumber user, std::string password_hash,
                                 std::optional<Instant> one_time_until,
                                 const SessionHash* keep_session, const Actor&) {
    const auto keep = keep_session ? std::optional(*keep_session) : std::nullopt;
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::set_password(tx, user, password_hash, one_time_until, keep);
    });
}
Result<void> Store::change_password(UserNumber user, std::string before, std::string after,
                                    const SessionHash& keep_session, const Actor&) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::change_password(tx, user, before, after, keep_session);
    });
}
Result<void> Store::rehash_password(UserNumber user, std::string before, std::string after) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::rehash_password(tx, user, before, after);
    });
}
Result<std::vector<ThrottleRow>> Store::throttles() {
    return parts_->readers->read(
        [&](Database& db) { return load_throttles(db, parts_->clock.now()); });
}
void Store::observe_throttle(const ThrottleRow& row) { parts_->writer->observe(row); }
Result<void> Store::create_session(const SessionRow& session, std::string password_hash) {
    return parts_->write(Order::promise, [&](Transaction& tx) -> Result<void> {
        auto removed = remove_dead_sessions(tx, parts_->dead_sessions(tx.now));
        if (!removed) return removed;
        return store::create_session(tx, session, password_hash);
    });
}
Result<void> Store::delete_session(const SessionHash& hash) {
    return parts_->write(Order::promise,
                         [&](Transaction& tx) { return store::delete_session(tx, hash); });
}
std::optional<SessionRow> Store::find_session(const SessionHash& hash) const {
    return parts_->memory.people.find_session(hash);
}
void Store::observe_session_used(const SessionHash& hash, Instant at) {
    const auto session = parts_->memory.people.find_session(hash);
    if (session && at - session->last_used_at >= kSessionUse)
        parts_->writer->observe(SessionUsed{hash, at});
}

}  // namespace cjv::store
