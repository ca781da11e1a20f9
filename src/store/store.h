#pragma once
// The folder's face: rows in, values out. Everything that writes goes through the one writer thread, in three
// classes: decisions first, promises at once, observations coalesced. Reads have their own connections.
// Concrete on purpose: there is one store until PostgreSQL comes.
//
// Threads: unless said otherwise any thread may call anything. Calls that return Result<…> of a write block
// until it is on disk (or refused); calls named observe_… never wait.
//
// Without start() there is no writer thread: each blocking call then runs the writer's turn itself, and
// observations wait for turn(). That is how tests and the simulation use it.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "base/progress.h"
#include "domain/board.h"
#include "domain/plan.h"
#include "domain/run.h"
#include "domain/run_id.h"
#include "domain/user.h"
#include "schedule/zones.h"
#include "store/feed.h"
#include "store/places.h"
#include "store/task_news.h"

namespace cjv::store {

struct Options {
    std::string path;  // a file, or "file:/name?vfs=memdb" for tests; created when it is not there
    int readers = 2;   // connections, one for each reader thread
    // Sessions that are unused, or there, for longer are over; their rows go with the next sign-in or start.
    std::chrono::seconds session_idle = std::chrono::hours{12};
    std::chrono::seconds session_max = std::chrono::days{14};
    // Fills bytes for keys and ids; empty: from the kernel. A simulation gives its own.
    std::function<void(std::span<std::uint8_t>)> random = {};
    // Makes the messages of runs that a broker carries; empty: there is none.
    Encode encode = {};
    // For tests: asked before each statement of the writer; true makes it fail as a full disk would.
    std::function<bool()> break_writes = {};
};

// Who changes something, for the record.
struct Actor {
    UserNumber user = {};   // 0: the system
    bool by_token = false;  // trigger `api` instead of `manual`
};

// A run outside the schedule.
struct AskedRun {
    JobNumber job;
    bool force = false;          // although the job's overlap refuses
    std::string overrides = {};  // JSON object; empty: none
    std::optional<RunId> rerun_of = {};
    std::string note = {};  // a sentence for the run's notes; empty: none
};

// What the executor of a local run, or a worker, tells. Times are when it happened, not when it was told.
struct Started {
    RunId run;
    Instant at{};
    std::string worker = {};
    std::optional<domain::ProcessId> process = {};
    // A broker carried it: whoever starts it has got it, whether we know yet that it was sent or not.
    bool was_sent = false;
    std::optional<Instant> received_at = {};  // by the worker
};
// A run that may start now.
struct QueuedRun {
    RunId run;
    std::string overrides = {};  // as it was asked for: AskedRun
    bool operator==(const QueuedRun&) const = default;
};
struct Queued {
    std::vector<QueuedRun> runs = {};  // in the order in which they were asked for
    std::vector<RunId> refused = {};   // by the database, with a line in the log: still pending
};
struct Ended {
    RunId run;
    Instant at{};
    domain::Status status = domain::Status::success;
    domain::Reason reason = domain::Reason::none;
    std::optional<int> exit_code = {};
    std::string error = {};
    std::string note = {};  // a sentence to add to the run's notes; empty: none
    std::uint64_t output_size = 0;
    std::uint64_t output_cut = 0;
};
enum class Stream : std::uint8_t { out, err };
struct OutputChunk {
    std::int64_t number = 0;  // 1, 2, 3 … within the run: the order by arrival; set by the store
    Stream stream = Stream::out;
    Instant at{};              // when its first byte came
    std::uint64_t offset = 0;  // of its first byte, among all bytes of the run; a gap says: cut
    std::string bytes = {};
};
// What one step adds to the output of a run, and what it takes away: only head and tail are kept.
struct OutputRound {
    RunId run;
    std::vector<OutputChunk> chunks = {};  // by offset, which grows from round to round
    std::uint64_t printed = 0;             // bytes of the run so far
    // Kept chunks that lie within [drop_from, drop_until) are no longer wanted.
    std::uint64_t drop_from = 0, drop_until = 0;
};

// One line of a list of logs: a run, or a range of slots that did not run.
struct LogLine {
    std::optional<domain::Run> run = {};
    std::optional<domain::Skip> skip = {};
};
// Its runs are kept until retention.
struct DeletedJob {
    JobNumber number;
    std::string name, task;
};
struct LogFilter {
    std::optional<JobNumber> job = {};
    std::vector<JobNumber> jobs = {};     // any of them, where not empty (a search over names)
    std::vector<std::string> tasks = {};  // or observed runs of these tasks
    std::vector<domain::Status> statuses = {};
    std::vector<domain::Trigger> triggers = {};
    std::optional<RunId> run = {};  // an exact id
    std::vector<std::string> workers = {};
    std::optional<Instant> from = {}, until = {};  // `at` in [from, until)
};
enum class LogOrder : std::uint8_t {
    newest,
    oldest,
    duration,
    duration_down,
    started,
    started_down
};
struct LogPage {
    std::vector<LogLine> lines = {};
    std::int64_t count = 0;  // of all that match; exact unless count_is_exact is false
    bool count_is_exact = true;
    std::optional<RunId> next = {};  // the cursor of the page after it; nothing: this is the last
};

// Final runs that ended within one UTC clock hour.
struct HourTotals {
    std::int64_t hour = 0;  // hours since the epoch
    std::int64_t success = 0, failed = 0,
                 other = 0;        // failed: failed, timed_out, lost; other: cancelled, missed
    std::int64_t duration_us = 0;  // sum over runs that started
    std::int64_t durations = 0;    // how many those are
    bool operator==(const HourTotals&) const = default;
};

struct SessionRow {
    std::array<std::uint8_t, 32> hash{};  // of the secret in the cookie
    UserNumber user;
    std::string csrf;  // bound to the session
    Instant created_at{}, last_used_at{};
};

// Failed sign-ins in a row, of one account from one network.
struct ThrottleRow {
    std::array<std::uint8_t, 32> key{};  // a hash of both
    std::int64_t failures = 0;           // 0: forget it
    Instant next{};                      // no try before it
};

class Store {
public:
    // Opens or creates, migrates, loads the board and the people, and makes our own chores on a first start.
    // Refuses a schema from the future. Runs that a dead server left are not touched here: that is
    // recover()'s business. `clock`, `zones` and `log` must outlive the store.
    static Result<std::unique_ptr<Store>> open(Options options, const Clock& clock,
                                               const schedule::Zones& zones, Log& log);
    // Stops the writer's thread. Where there is none, observations that wait are gone, as in a crash.
    ~Store();

    void start(Progress& progress);  // the writer's thread
    void stop();  // writes what waits, then joins; writes are refused from here on
    // One round of the writer, where start() was not called. True when it did something.
    bool turn();

    const domain::Board& board() const;
    Feed& feed();
    // Where runs of commands are started opens them, and gives each back when its run has ended.
    Places& places();
    const domain::InstallationKey& installation_key() const;
    // Names this installation to a broker: see take_new_installation_id().
    Uuid installation_id() const;
    std::int64_t start_number() const;  // grows with each open; the term of a single server

    // --- decisions
    // All or none, where the database is away. A decision whose job has moved on since it was planned (cursor or
    // version) is left out: the feed tells the beat, which plans it afresh. So is one that the database refuses:
    // its job is in trouble then (Entry::trouble, and a line in the log). Applies overlap. A command's run on time, the
    // first open one of its job, takes a free place and is queued at once (Change::has_place).
    Result<void> commit(std::span<const domain::Decision> decisions);
    // Decides before its time, for commit_staged() to make true at the instant `at`: the work is done, as of then, in
    // a transaction that stays open and of which nobody sees anything. After the first of it more can be added.
    // Whatever else is written meanwhile takes all of it back; so does the passing of `until`. Observations and
    // chores wait so long. Takes no decision that the database refuses. False: it is taken back, and nothing has
    // happened.
    bool stage(std::span<const domain::Decision> decisions, bool is_first, Instant at,
               Steady until);
    // There is no more to add: who gets ready for it is told (Feed::subscribe_to_staged), and it is put on the disk
    // already, so that the commit is short.
    void finish_stage();
    // As commit() of what was staged. False: it was taken back.
    Result<bool> commit_staged();
    // The runs of this start, of jobs whose schedule is @reboot, in one commit: a server calls it once. Returns the
    // jobs that the database refuses, which may be tried again; they are in trouble, with a line in the log.
    Result<std::vector<JobNumber>> commit_at_start(std::span<const JobNumber> jobs);
    // The data of these zones are others now, gone, or back: the jobs in them are parsed anew, some hundred in a
    // commit, and each difference is a line in the log (what changes of a next slot: domain::slot_after_change;
    // without a zone a job is not served, Trouble::zone_missing). After an error it may be asked again.
    Result<void> follow_zones(const std::set<std::string>& names);
    // The beat says what it has served, so that an edit treats passed slots as the beat would: also those of an
    // outage that the beat has yet to notice. Without a beat there is no outage.
    void set_service(const domain::Service& service);
    // pending → queued, right before the spawn, all in one commit. Those that are final or wait are in neither
    // list; only those in `runs` may start.
    Result<Queued> commit_queued(std::span<const RunId> runs);
    // Ends runs that never started or are lost, and says why; leaves out those that are final. Returns those
    // that the database refuses; the log says why. `why` gives the error of an end that has none: it is asked
    // on the writer's thread, with the run as it is then.
    using Why = std::function<std::string(const domain::Run&)>;
    Result<std::vector<RunId>> commit_ended(std::span<const Ended> ends, const Why& why = {});

    // The broker has lost its data. Its queued runs of those batches of which nobody has told get a new message,
    // oldest first, a thousand in a commit; `on_each` is called between two of them. A run that cannot be sent
    // once more ends: see send_again() of lifecycle.h. Nothing may be pushed to that list meanwhile. After an error it
    // may be asked again. A run that the database refuses spares the others: the loss is kept, see below.
    struct SentAgain {
        std::int64_t changed = 0;  // runs
        std::int64_t refused = 0;  // by the database, with a line in the log
        bool is_kept = false;      // ask send_refused_again() in a minute
    };
    Result<SentAgain> send_lost_again(const LostBatches& lost,
                                      const std::function<void()>& on_each = {});
    // Tries those again that were refused, also before this start. A loss is kept for a day at least.
    Result<SentAgain> send_refused_again(const std::function<void()>& on_each = {});
    // This start, of which the broker has seen nothing yet, begins: ListNumbers::offered holds from here on. And the
    // broker is met: before anything is pushed to it.
    Result<void> begin_unmet();
    Result<void> end_unmet();
    // Another server with these data has pushed the batches of a list up to that number: their runs are queued.
    Result<void> confirm_pushed_by_another(const std::string& list, std::int64_t until,
                                           const std::function<void()>& on_each = {});
    // For a copy of an older state than the one that the broker has seen: its numbers would look used. None of
    // what the broker has is known to be ours then.
    Result<void> take_new_installation_id();

    // --- promises
    // The job's id, version and times are set here. `bad_input` when the name is taken.
    Result<domain::EntryPtr> create_job(domain::Job job, const Actor& by);
    // `before` is the version that was read: `stale` when it is not the job's any more. Due slots are decided
    // first, in the same transaction.
    Result<domain::EntryPtr> update_job(JobNumber number, std::int64_t before, domain::Job job,
                                        const Actor& by);
    // With `before` 0 any version will do. The runs stay until retention.
    Result<void> delete_job(JobNumber number, std::int64_t before, const Actor& by);
    // `conflict` when the job's overlap refuses and `force` is not set.
    Result<domain::Run> ask_run(const AskedRun& asked, const Actor& by);
    // A pending run ends cancelled(by_user); of one that is queued or running cancel_requested is set and the
    // feed says cancel_asked. `conflict` when it is final. Returns the run as it is then.
    Result<domain::Run> ask_cancel(const RunId& run, bool terminate, const Actor& by);

    // --- observations
    void observe_reason(const RunId& run,
                        domain::Reason reason);  // of a pending run: no_local_slot, none
    void observe_started(Started started);
    void observe_sent(Sent sent);
    void observe_output(const OutputRound& round);  // compresses on the caller's thread
    void observe_ended(Ended ended);
    void observe_task(TaskNews news);
    // How many bytes of output wait for the writer; whoever produces holds back above a limit of its own.
    std::uint64_t waiting_output_bytes() const;

    // Removes at most a slice of what is older than `before` (runs by their end, ranges by their last slot):
    // at most 500 rows, in transactions of at most 128 KiB of output. Returns how many runs and ranges it removed; 0: nothing is left.
    Result<std::int64_t> clean_up_slice(Instant before);

    // --- reads
    Result<std::optional<domain::Run>> find_run(const RunId& id);
    // The run of a task, by the task's id: ours, or one that was observed.
    Result<std::optional<domain::Run>> find_task(std::string_view task_id);
    // Tries of a run that had more than one, in order; else none.
    Result<std::vector<domain::Attempt>> attempts_of(const RunId& run);
    Result<std::optional<domain::Skip>> find_skip(const RunId& id);
    Result<LogPage> logs(const LogFilter& filter, LogOrder order, std::int64_t offset,
                         std::int64_t limit);
    // By cursor, newest first: lines older than `after` (nothing: the first page).
    Result<LogPage> logs_after(const LogFilter& filter, std::optional<RunId> after,
                               std::int64_t limit);
    Result<std::vector<domain::Run>> newest_runs(JobNumber job, std::int64_t limit);
    // Those that repeat this run, newest first.
    Result<std::vector<RunId>> reruns_of(const RunId& run, std::int64_t limit);
    // All runs with these statuses, oldest first; for dispatch at start.
    Result<std::vector<domain::Run>> open_runs();
    // The same one after the other: there may be a million. `each` must not call the store's writing side.
    Result<void> each_open_run(const std::function<void(domain::Run)>& each);
    // How many those are.
    Result<std::int64_t> count_open_runs();
    // Of them, oldest first, those of a process of this machine, and those that began or were handed over before `then`.
    Result<std::vector<domain::Run>> going_runs(Instant then);
    // How far each list of the broker is; for dispatch at start.
    Result<std::vector<ListNumbers>> list_numbers();
    // Batches that the broker is not known to have, by list and number: all of them, which may be many.
    Result<std::vector<BatchPtr>> open_batches();
    // What waits on each list; for dispatch at start.
    Result<std::vector<OpenList>> open_lists();
    // The runs that have a message in a batch, in the order of their ids; for dispatch at start.
    Result<std::vector<RunId>> posted_runs();
    // The batches of a list from that number on until they have as many bytes, one at least where there is one.
    Result<OutboxPage> outbox_page(const std::string& list, std::int64_t from, std::size_t bytes,
                                   std::int64_t until = INT64_MAX);
    // Of those, the ones of which a message may expire within (after, until].
    Result<std::vector<BatchPtr>> expiring_batches(const std::string& list, std::int64_t from,
                                                   Instant after, Instant until, std::size_t bytes);
    // When the first of those expires of which no message expires before; nothing: none does.
    Result<std::optional<Instant>> next_expiry(const std::string& list, std::int64_t from,
                                               Instant after);
    // Chunks with number > `after`, decompressed, at most about `max_bytes` (one chunk at least).
    Result<std::vector<OutputChunk>> output_after(const RunId& run, std::int64_t after,
                                                  std::uint64_t max_bytes);
    // The last bytes of what is kept, at most about `max_bytes`; both streams, by arrival.
    Result<std::string> output_tail(const RunId& run, std::uint64_t max_bytes);
    // Maintained totals, oldest hour first: of all jobs (from memory) or of one.
    std::vector<HourTotals> hours_since(std::int64_t hour) const;
    Result<std::vector<HourTotals>> hours_of_job(JobNumber job, std::int64_t since_hour);
    Result<std::vector<DeletedJob>> deleted_jobs();
    // The name of a job, also of a deleted one whose runs are kept.
    Result<std::string> job_name(JobNumber job);
    Result<std::optional<Uuid>> job_id(JobNumber job);            // also of a deleted one
    Result<std::optional<JobNumber>> job_number(const Uuid& id);  // also of a deleted one
    // `PRAGMA quick_check`, on a connection of its own: "ok", or the first fault. Nothing is written then any more,
    // see trouble(). Reads the whole file; `unavailable` soon after a `stop`.
    Result<std::string> quick_check(const std::stop_token& stop = {});
    // How long the last commit and a trivial read took; for health.
    std::chrono::microseconds last_commit_time() const;
    // Why nothing can be written until a restart (an I/O error, damage); empty: all is well.
    std::string trouble() const;

    // --- people (kept in memory; writes are promises)
    std::optional<domain::User> find_user(UserNumber number) const;
    std::optional<domain::User> find_user(std::string_view username) const;
    std::vector<domain::User> users() const;
    // Argon2id string of a user, for verification; nothing: unknown or no password.
    std::optional<std::string> password_hash(UserNumber number) const;
    // `one_time_until`: of a one-time password, which must be changed.
    Result<domain::User> create_user(domain::User user, std::string password_hash, const Actor& by,
                                     std::optional<Instant> one_time_until = {});
    // Ends the user's other sessions. `one_time_until` as above.
    Result<void> set_password(UserNumber user, std::string password_hash,
                              std::optional<Instant> one_time_until,
                              const std::array<std::uint8_t, 32>* keep_session, const Actor& by);
    // The same by the user, who knows the password that `before` is the hash of: `stale` when it is not the
    // user's any more.
    Result<void> change_password(UserNumber user, std::string before, std::string after,
                                 const std::array<std::uint8_t, 32>& keep_session, const Actor& by);
    // The same password, hashed anew: nothing else changes, and nothing at all when `before` is not its hash any
    // more.
    Result<void> rehash_password(UserNumber user, std::string before, std::string after);
    // Until when a one-time password may be used; nothing: it is not one.
    std::optional<Instant> one_time_until(UserNumber number) const;
    // `password_hash` is what the password was right for: `stale` when it is not the user's any more.
    Result<void> create_session(const SessionRow& session, std::string password_hash);
    Result<void> delete_session(const std::array<std::uint8_t, 32>& hash);
    std::optional<SessionRow> find_session(const std::array<std::uint8_t, 32>& hash) const;
    void observe_session_used(const std::array<std::uint8_t, 32>& hash,
                              Instant at);  // ≤ 1 a minute is kept
    // What a restart must not forget of failed sign-ins; those whose `next` is more than a day ago are gone.
    Result<std::vector<ThrottleRow>> throttles();
    void observe_throttle(const ThrottleRow& row);

private:
    Store();
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::store
