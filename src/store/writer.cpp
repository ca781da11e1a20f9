#include "store/writer.h"

#include <algorithm>
#include <utility>

#include "store/apart.h"
#include "store/outbox.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;

constexpr auto kGather = 100ms;         // observations wait so long for neighbours
constexpr auto kObservationTime = 5ms;  // a promise may have to wait for as long
constexpr auto kRetryAfter = 500ms;     // after a full disk
constexpr auto kRefusedAgain = 60s;     // when what the database refused is tried anew
constexpr auto kStall = 8s;
constexpr int kLongLog = 1'000;      // pages: time to checkpoint when nobody waits
constexpr int kTooLongLog = 16'000;  // pages: time to checkpoint

std::string_view sentence(Damage damage) {
    switch (damage) {
        case Damage::none: return "";
        case Damage::unsure:
            return "the disk failed while the database was written, and what is on it is not sure";
        case Damage::file:
            return "the database file is damaged; copy the data folder, then put a back-up in its "
                   "place";
    }
    return "";
}

}  // namespace

Writer::~Writer() {
    if (thread_.joinable()) stop();
}

void Writer::start(Progress& progress) {
    mark_ = &progress.add("writer", kStall, parts_.clock.steady());
    {
        const std::scoped_lock lock(mutex_);
        has_thread_ = true;
    }
    thread_ = std::thread([this] { loop(); });
}

void Writer::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    work_.notify_one();
    if (thread_.joinable()) thread_.join();
    // What came between the thread's last look and now.
    while (turn() && !retry_at_) {
    }
    const std::scoped_lock lock(mutex_);
    const auto lost = taken_.size() + observed_.size() + newest_.size() + refused_.size();
    if (lost > 0) parts_.log.error("store.observations_lost", {{"count", lost}});
}

void Writer::stop_writing(Damage damage) {
    {
        const std::scoped_lock lock(mutex_);
        if (!trouble_.empty()) return;
        trouble_ = sentence(damage);
    }
    parts_.log.error("store.stopped_writing", {{"error", sentence(damage)}});
}

void Writer::look_for_damage() {
    if (db_.damaged()) stop_writing(db_.damage());
}

std::string Writer::trouble() const {
    const std::scoped_lock lock(mutex_);
    return trouble_;
}

Writer::Line& Writer::line_of(Order order) {
    switch (order) {
        case Order::decision: return decisions_;
        case Order::promise: return promises_;
        case Order::chore: break;
    }
    return chores_;
}

Result<void> Writer::commit(Order order, const Work& work) {
    Waiting waiting{.work = &work};
    std::unique_lock lock(mutex_);
    if (!trouble_.empty()) return fail(Errc::unavailable, trouble_);
    if (stopping_) return fail(Errc::unavailable, "the server is stopping");
    line_of(order).push_back(&waiting);
    if (has_thread_) {
        work_.notify_one();
        done_.wait(lock, [&] { return waiting.done; });
    } else {
        lock.unlock();
        if (order == Order::chore) {
            serve_chore();
        } else {
            serve_waiting();
        }
    }
    return waiting.outcome;
}

void Writer::observe(Observation observation) {
    waiting_output_ += size_of(observation);
    const auto key = Newest::key_of(observation);
    bool first = false, is_full = false;
    {
        const std::scoped_lock lock(mutex_);
        first = !observed_since_;
        if (first) observed_since_ = parts_.clock.steady();
        if (!key)
            observed_.push_back(std::move(observation));
        else if (!newest_.put(*key, std::move(observation)))
            is_full = !std::exchange(is_newest_full_, true);
    }
    if (first) work_.notify_one();
    if (is_full) parts_.log.error("store.sign_ins_not_kept", {{"waiting", Newest::kMost}});
}

bool Writer::turn() {
    take_back_stage();
    return serve_observations();
}

// --- the thread

void Writer::loop() {
    while (wait_for_work()) {
        mark_->move(parts_.clock.steady());
        const bool served = serve_waiting();
        if (stage_ && parts_.clock.steady() < stage_->until && !is_stopping()) continue;
        take_back_stage();
        if (observations_wait()) {
            serve_observations();
        } else if (!served) {
            serve_chore();
        }
        checkpoint_when_long();
    }
    mark_->rest();
}

bool Writer::is_stopping() const {
    const std::scoped_lock lock(mutex_);
    return stopping_;
}

// Until there is something to do. False: we stop, and nobody waits.
bool Writer::wait_for_work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (!decisions_.empty() || !promises_.empty() || staging_) return true;
        if (!chores_.empty() && (!staged_until_ || stopping_)) return true;
        if (stopping_) return false;
        const auto due = staged_until_ ? staged_until_ : observations_due();
        const auto left = due ? *due - parts_.clock.steady() : Steady::duration::max();
        if (left <= 0us) return true;
        mark_->rest();
        if (due) {
            work_.wait_for(lock, left);
        } else {
            work_.wait(lock);
        }
    }
}

// When observations are to be written; nothing: there are none. Under the mutex.
std::optional<Steady> Writer::observations_due() const {
    if (!trouble_.empty()) return std::nullopt;
    if (retry_at_) return retry_at_;
    if (!taken_.empty()) return burst_.end();
    std::optional<Steady> due;
    if (observed_since_) due = std::max(*observed_since_ + kGather, burst_.end());
    for (const Refused& refused : refused_)
        due = std::min(due.value_or(refused.again_at), refused.again_at);
    return due;
}

bool Writer::observations_wait() const {
    const std::scoped_lock lock(mutex_);
    const auto due = observations_due();
    return due && *due <= parts_.clock.steady();
}

// --- those who wait

bool Writer::serve_waiting() {
    Line line;
    bool has_decisions = false, has_staging = false;
    {
        const std::scoped_lock lock(mutex_);
        line = std::exchange(decisions_, {});
        has_decisions = !line.empty();
        line.insert(line.end(), promises_.begin(), promises_.end());
        promises_.clear();
        has_staging = staging_ != nullptr;
    }
    const bool served = serve(line, has_decisions);
    if (has_staging) serve_staging();
    return served || has_staging;
}

bool Writer::serve_chore() {
    Line line;
    {
        const std::scoped_lock lock(mutex_);
        if (chores_.empty()) return false;
        line.push_back(chores_.front());
        chores_.erase(chores_.begin());
    }
    // What a power cut undoes of a chore is done again: nobody should wait for the disk because of it.
    const bool eased = db_.sync_commits(false).has_value();
    const bool served = serve(line);
    // What is promised next must be on disk: whoever cannot say so may not promise.
    if (eased && !db_.sync_commits(true)) stop_writing(Damage::unsure);
    return served;
}

bool Writer::serve(const Line& line, bool has_decisions) {
    if (line.empty()) return false;
    take_back_stage();
    Draft draft(parts_.memory);
    const Result<void> written = write(line, draft);
    if (written) tell(draft);
    look_for_damage();
    {
        const std::scoped_lock lock(mutex_);
        for (Waiting* waiting : line) {
            if (!written && waiting->outcome) waiting->outcome = std::unexpected(written.error());
            waiting->done = true;
        }
        if (has_decisions) burst_.note(parts_.clock.steady());
    }
    done_.notify_all();
    return true;
}

Result<void> Writer::write(const Line& line, Draft& draft) {
    // What came in before the trouble was known.
    if (std::string why = trouble(); !why.empty()) return fail(Errc::unavailable, std::move(why));
    auto scope = Scope::open(db_, Scope::Kind::write);
    if (!scope) return std::unexpected(scope.error());
    bool any = false;
    for (Waiting* waiting : line) {
        waiting->outcome = do_one(*waiting->work, draft);
        any = any || waiting->outcome;
        // A full disk ends the whole transaction, and what neighbours did with it; damage ought to.
        if (!db_.in_transaction() || db_.damaged())
            return waiting->outcome ? fail(Errc::unavailable, "the transaction was given up")
                                    : waiting->outcome;
    }
    return any ? finish(*scope, draft) : Result<void>();
}

Result<void> Writer::do_one(const Work& work, Draft& below) {
    Transaction tx{.db = db_,
                   .draft = below,
                   .now = parts_.clock.now(),
                   .key = parts_.key,
                   .encode = parts_.encode};
    return under_savepoint(tx, work);
}

// --- observations

bool Writer::serve_observations() {
    if (!trouble().empty()) return false;  // they wait for nothing, and are counted at the end
    take_observations();
    if (taken_.empty()) return false;
    retry_at_.reset();
    Draft draft(parts_.memory);
    const auto written = write_observations(one_by_one_ > 0 ? 1 : taken_.size(), draft);
    if (!written) {
        bear_failure(written.error());
        return true;
    }
    tell(draft);
    drop_observations(*written);
    one_by_one_ -= std::min(one_by_one_, *written);
    return true;
}

void Writer::take_observations() {
    std::vector<Observation> newest;
    {
        const std::scoped_lock lock(mutex_);
        // Not while those of before wait: of each there is one, however long nothing can be written.
        if (taken_.empty()) {
            newest = newest_.take();
            is_newest_full_ = false;
        }
        if (newest_.empty()) observed_since_.reset();
        taken_.append(observed_);
    }
    taken_.append(newest);
    std::erase_if(refused_, [&](const Refused& refused) {
        if (parts_.clock.steady() < refused.again_at) return false;
        taken_.push_back(refused.essence);
        return true;
    });
}

// Returns how many of the oldest it wrote.
Result<std::size_t> Writer::write_observations(std::size_t most, Draft& draft) {
    auto scope = Scope::open(db_, Scope::Kind::write);
    if (!scope) return std::unexpected(scope.error());
    Transaction tx{.db = db_,
                   .draft = draft,
                   .now = parts_.clock.now(),
                   .key = parts_.key,
                   .encode = parts_.encode};
    // What is recorded may take as long again to settle.
    const bool settles = parts_.memory.task_ids.must_settle(tx.now);
    const Steady until =
        parts_.clock.steady() + (settles ? kObservationTime / 2 : kObservationTime);
    std::size_t count = 0;
    do {
        if (const auto applied = apply_observation(tx, taken_[count]); !applied)
            return std::unexpected(applied.error());
        ++count;
    } while (count < most && parts_.clock.steady() < until);
    if (const auto settled = settle(tx); !settled) return std::unexpected(settled.error());
    if (const auto finished = finish(*scope, draft); !finished)
        return std::unexpected(finished.error());
    return count;
}

// None of the observations is to blame for what the table of task ids refuses; until it does not, they stay in
// memory, and their runs' rows name them.
Result<void> Writer::settle(Transaction& tx) {
    if (settle_again_at_ && parts_.clock.steady() < *settle_again_at_) return {};
    settle_again_at_.reset();
    auto settled = settle_task_ids(tx);
    if (settled || !spares_others(tx, settled.error())) return settled;
    parts_.log.error("store.task_ids_refused", {{"error", settled.error().what}});
    settle_again_at_ = parts_.clock.steady() + kRefusedAgain;
    return {};
}

void Writer::drop_observations(std::size_t count) {
    for (; count > 0; --count) {
        waiting_output_ -= size_of(taken_.front());
        taken_.pop_front();
    }
}

// A store that is away comes back: all of them wait. One that cannot be applied must not hold up the others: it
// is found by writing one at a time, and given up.
void Writer::bear_failure(const Error& error) {
    if (error.code == Errc::unavailable || db_.damaged()) {
        retry_at_ = parts_.clock.steady() + kRetryAfter;
        parts_.log.warn("store.write_failed", {{"error", error.what}, {"waiting", taken_.size()}});
        look_for_damage();
    } else if (one_by_one_ == 0 && taken_.size() > 1) {
        one_by_one_ = taken_.size();
    } else if (!split_oldest()) {
        give_up_oldest(error);
        one_by_one_ = 0;
    }
}

// A batch of which one run is refused: the others are not.
bool Writer::split_oldest() {
    auto pieces = pieces_of(taken_.front());
    if (pieces.empty()) return false;
    drop_observations(1);
    one_by_one_ = pieces.size();
    taken_.push_front(std::move(pieces));
    return true;
}

// An end is never forgotten: its run would look as if it went on. Perhaps a text that came with it was refused,
// perhaps the row is cured later; so the bare end is told once more, then and again. So is that a run was sent.
void Writer::give_up_oldest(const Error& error) {
    const Observation& oldest = taken_.front();
    const std::string subject = subject_of(oldest);
    auto essence = essence_of(oldest);
    auto mark = mark_of(oldest);
    const auto what = !essence                                  ? "store.observation_dropped"
                      : std::holds_alternative<SentRun>(oldest) ? "store.sent_refused"
                                                                : "store.end_refused";
    parts_.log.error(what, {{"run", subject.empty() ? "none" : subject}, {"error", error.what}});
    if (essence) refused_.push_back({*std::move(essence), parts_.clock.steady() + kRefusedAgain});
    drop_observations(1);
    if (mark) taken_.push_front({*std::move(mark)});
}

// --- both

Result<void> Writer::finish(Scope& scope, Draft& draft) {
    if (auto written = write_totals(db_, draft.totals); !written) return written;
    if (auto written = write_batches(db_, draft); !written) return written;
    const Steady before = parts_.clock.steady();
    auto committed = scope.commit();
    last_commit_us_ = (parts_.clock.steady() - before).count();
    return committed;
}

// What is on disk becomes memory, then everyone's knowledge.
void Writer::tell(Draft& draft) {
    const Instant now = parts_.clock.now();
    const Commit commit{.sequence = sequence_ + 1,
                        .at = now,
                        .changes = std::move(draft.changes),
                        .batches = draft.batches};
    const bool says_something = !commit.changes.empty();
    if (says_something) parts_.feed.publish_first(commit);
    draft.keep(now);
    if (!says_something) return;
    ++sequence_;
    parts_.feed.publish(commit);
}

// Or is about to: the next decision of a burst.
bool Writer::anyone_waits() const {
    const std::scoped_lock lock(mutex_);
    return !decisions_.empty() || !promises_.empty() || parts_.clock.steady() < burst_.end();
}

// Only here, and only by this connection: see Access.
void Writer::checkpoint_when_long() {
    if (stage_ || !trouble().empty()) return;
    const int pages = db_.log_pages();
    if (pages < kLongLog || (pages < kTooLongLog && anyone_waits())) return;
    if (const auto done = db_.checkpoint(); !done) {
        parts_.log.warn("store.checkpoint_failed", {{"error", done.error().what}});
        look_for_damage();
    }
}

}  // namespace cjv::store
