#include "world.h"

#include "beat/beat.h"
#include "dispatcher.h"
#include "domain/job_json.h"
#include "keeper.h"
#include "ledger.h"
#include "oracle.h"
#include "store/store.h"
#include "support/clock.h"
#include "support/zones.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <optional>

namespace cjv::sim {
namespace {

using namespace std::chrono_literals;
using domain::EntryPtr, domain::Job, domain::Misfire, domain::Overlap;

// Thrown by the feed in the middle of the store's work: the process is gone.
struct Crash {};

constexpr int kSteps = 250;
constexpr int kTaskSteps = 70;                     // with a broker, whose troubles come more often
constexpr auto kLifetime = std::chrono::days{20};  // for longer the zones' tables do not hold
constexpr auto kStall = 5s;

class AheadClock final : public Clock {
public:
    AheadClock(const Clock& truth, std::chrono::seconds by) : truth_(truth), by_(by) {}
    Instant now() const override { return truth_.now() + by_; }
    Steady steady() const override { return truth_.steady(); }

private:
    const Clock& truth_;
    std::chrono::seconds by_;
};

std::int64_t seconds(Instant at) {
    return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}

Instant draw_start(Dice& dice) {
    const OracleZone& zone = dice.pick(oracle_zones());
    const std::int64_t moment = dice.pick<std::int64_t>(zone.interesting);
    return Instant{std::chrono::seconds{moment - dice.between(0, 30 * 3'600)}} +
           std::chrono::microseconds{dice.roll(1'000'000)};
}

class World {
public:
    World(std::uint64_t seed, Kinds kinds, Mutant mutant, BrokerMutant broker_mutant)
        : dice_(seed),
          mutant_(mutant),
          uri_(name(seed)),
          keeper_(uri_),
          ledger_(keeper_),
          clock_(draw_start(dice_)),
          ahead_(clock_, mutant == Mutant::early_run ? 3s : 0s),
          log_({.level = LogLevel::off}, clock_),
          mark_("beat", 5s, clock_.steady()) {
        if (kinds == Kinds::tasks_too)
            celery_ = std::make_unique<Celery>(dice_, clock_, keeper_, ledger_, broker_mutant);
        is_unharmed_ = mutant == Mutant::none && broker_mutant == BrokerMutant::none;
    }

    Life live() {
        jobs_left_ = dice_.between(1, 8);
        const Instant end = clock_.now() + kLifetime;
        const int steps = celery_ ? kTaskSteps : kSteps;
        for (int step = 0; step < steps && clock_.now() < end && goes_on(); ++step) try {
                take_step();
            } catch (const Crash&) {
                die();
            }
        if (goes_on()) heal();
        Life life{
            .violations = ledger_.violations(), .trace = ledger_.trace(), .seen = ledger_.seen()};
        if (!life.violations.empty() && is_unharmed_)
            life.violations.push_back("last edit: " + last_edit_);
        return life;
    }

private:
    // A mutant is given time to be noticed in each way that it can be.
    bool goes_on() const { return ledger_.violations().size() < (is_unharmed_ ? 1 : 50); }

    static std::string name(std::uint64_t seed) {
        static std::atomic<int> worlds = 0;  // two lives of one seed may overlap
        return fmt::format("file:/sim-{}-{}?vfs=memdb", seed, ++worlds);
    }

    // --- a server lives and dies

    bool start() {
        auto opened = store::Store::open({.path = uri_,
                                          .readers = 1,
                                          .random = [this](auto out) { draw_bytes(out); },
                                          .encode = celery_ ? Celery::encode : store::Encode(),
                                          .break_writes = [this] { return breaks(); }},
                                         clock_, support::system_zones(), log_);
        if (!opened) return false;
        store_ = *std::move(opened);
        ledger_.saw("start");
        last_good_turn_.reset();
        turn_failed_ = false;
        ledger_.server_starts();
        store_->feed().subscribe([this](const store::Commit& commit) { on_commit(commit); });
        beat_ = std::make_unique<beat::Beat>(*store_, ahead_, log_, mark_);
        dispatcher_ = std::make_unique<Dispatcher>(dice_, clock_);
        store_->places().open(3);
        if (celery_ && !start_broker()) {
            die();
            return false;
        }
        store_->feed().subscribe([this](const store::Commit& commit) {
            beat_->on_commit(commit);
            dispatcher_->on_commit(commit);
            if (celery_) celery_->on_commit(commit);
        });
        store_->feed().subscribe_first([this](const store::Commit& commit) {
            if (broker_) broker_->on_commit(commit);
        });
        store_->feed().subscribe_to_staged([this](const store::Staged& staged) {
            if (broker_) broker_->on_staged(staged);
        });
        find_out_what_happened();
        ledger_.look_at(store_->board());
        ledger_.starts_jobs();
        is_recovered_ = false;
        return true;
    }

    bool start_broker() {
        // Most of what waits is on disk alone.
        broker_ = std::make_unique<dispatch::Broker>(*store_, celery_->line(), "cjv:pushed", clock_,
                                                     log_, progress_, celery::Transport{},
                                                     dispatch::OutboxRoom{.all = 500, .page = 250});
        return broker_->recover().has_value();
    }

    // Nothing is written any more; what was not committed is gone.
    void die() {
        ledger_.mix(-2);
        ledger_.force(false);
        until_break_ = until_crash_ = -1;
        beat_.reset();
        dispatcher_.reset();
        broker_.reset();
        store_.reset();
        if (mutant_ == Mutant::decided_twice) turn_back_a_cursor();
    }

    void stop() {
        until_crash_ = -1;
        store_->stop();
        die();
    }

    void on_commit(const store::Commit& commit) {
        const Instant now = clock_.now();
        const bool may_miss =
            !last_good_turn_ || turn_failed_ || now - *last_good_turn_ > kStall || now < latest_;
        ledger_.commit(commit, now, may_miss);
        // Nothing but the commit was left to do.
        if (statements_ == 1) ledger_.saw("decided before its second");
        ledger_.look_at(store_->board());
        if (until_crash_ < 0) return;
        if (--until_crash_ >= 0) return;
        ledger_.saw("crash in a commit");
        throw Crash{};
    }

    // The database refuses the runs of one job, and all is well with the others.
    void poison_or_cure() {
        if (poisoned_) {
            keeper_.rows("DROP TRIGGER poison");
            poisoned_.reset();
            return ledger_.poisoned({});
        }
        const auto jobs = our_jobs();
        if (jobs.empty()) return;
        poisoned_ = dice_.pick<EntryPtr>(jobs)->number;
        keeper_.rows(fmt::format(
            "CREATE TRIGGER poison BEFORE INSERT ON runs WHEN NEW.slot IS NOT NULL AND NEW.job = "
            "{} BEGIN SELECT RAISE(ABORT, 'poisoned'); END",
            poisoned_->value));
        ledger_.poisoned(*poisoned_);
    }

    bool breaks() {
        ++statements_;
        if (until_break_ < 0) return false;
        const bool breaks = until_break_-- == 0;
        has_broken_ = has_broken_ || breaks;
        return breaks;
    }

    void draw_bytes(std::span<std::uint8_t> out) {
        for (auto& byte : out) byte = std::uint8_t(dice_.roll(256));
    }

    // --- a step: trouble, time, people, then every loop turns

    void take_step() {
        ledger_.mix(clock_.now().time_since_epoch().count());
        latest_ = std::max(latest_, clock_.now());
        draw_trouble();
        if (celery_) celery_->draw_trouble();
        pass_time();
        if (!store_ && celery_) celery_->step(nullptr);
        if (!store_ && (dice_.one_in(3) ? false : !start())) return;
        if (!store_) return;
        if (dice_.one_in(4)) people_act();
        turn_all();
    }

    void draw_trouble() {
        if (dice_.one_in(12)) until_break_ = dice_.roll(60);
        if (dice_.one_in(25)) until_crash_ = dice_.roll(6);
        if (!store_) return;
        if (poisoned_ ? dice_.one_in(12) : dice_.one_in(40)) poison_or_cure();
        if (dice_.one_in(80))
            stop();
        else if (dice_.one_in(80))
            die();
    }

    void pass_time() {
        switch (dice_.roll(24)) {
            case 0: return clock_.pass(std::chrono::minutes{dice_.between(1, 300)});  // asleep
            case 1: return clock_.set(clock_.now() + draw_clock_error());
            case 2: return clock_.set(clock_.now() - draw_clock_error());
            case 3:
            case 4: return clock_.pass(std::chrono::milliseconds{dice_.roll(9'000)});
            case 5: return clock_.pass(std::chrono::milliseconds{dice_.roll(900)});
            default: break;
        }
        // Straight to the next slot, in small hours: nothing would happen before.
        if (!store_) return clock_.pass(std::chrono::seconds{dice_.between(1, 600)});
        const auto next = store_->board().upcoming(Instant::max(), 1);
        const auto slot = next.empty() ? std::nullopt : next.front()->next_slot;
        if (!slot || *slot - clock_.now() > 100h) return clock_.pass(1h);
        const auto early = dice_.one_in(2) ? 400ms : 20ms;  // jobs are counted, decisions staged
        if (*slot - early > clock_.now()) {
            clock_.pass(*slot - early - clock_.now());
            turn_beat(Staged::stays);
            happen_while_staged();
            if (!store_) return;
        }
        clock_.pass(std::max<std::chrono::microseconds>(*slot - clock_.now(), 0us) +
                    std::chrono::milliseconds{dice_.roll(3) * 300});
        // Before anybody reads: a database in memory cannot be read meanwhile.
        if (is_recovered_) turn_beat();
        if (store_) store_->turn();
    }

    // Between the staging of decisions and their slot: nothing that reads, see below.
    void happen_while_staged() {
        if (!store_) return;
        switch (dice_.roll(12)) {
            case 0: return die();
            case 1:
                if (const auto jobs = our_jobs(); !jobs.empty()) edit(dice_.pick<EntryPtr>(jobs));
                return;
            case 2: return clock_.set(clock_.now() - draw_clock_error());
            case 3: until_break_ = dice_.roll(3); return;
            default: return;
        }
    }

    std::chrono::milliseconds draw_clock_error() {
        if (dice_.one_in(3)) return std::chrono::milliseconds{dice_.roll(2'000)};
        return std::chrono::seconds{dice_.one_in(3) ? dice_.roll(10'800) : dice_.roll(400)};
    }

    void turn_all() {
        if (!is_recovered_) is_recovered_ = dispatcher_->recover(*store_).has_value();
        turn_beat();
        dispatcher_->step(*store_);
        turn_broker();
        store_->turn();
    }

    void turn_broker() {
        if (!broker_) return;
        for (int i = 0; i < 3 && broker_->turn(); ++i) continue;
        latest_ = std::max(latest_, clock_.now());
        celery_->step(store_.get());
    }

    // What was staged for a slot that comes right after the turn.
    enum class Staged : std::uint8_t { is_taken_back, stays };
    void turn_beat(Staged staged = Staged::is_taken_back) {
        if (!store_) return;
        has_broken_ = false;
        statements_ = 0;
        const bool is_good = turn_or_mutate();
        latest_ = std::max(latest_, clock_.now());
        if (is_good) last_good_turn_ = clock_.now();
        if (is_good) ledger_.turned_well();
        if (is_good && mutant_ == Mutant::none) look_for_neglected();
        if (!is_good && !has_broken_)
            ledger_.violated("I-29", "no job is decided, and the database is there");
        turn_failed_ = !is_good;
        if (!is_good) ledger_.saw("failed turn");
        if (beat_->report().resumes_at) ledger_.saw("set back");
        ledger_.mix(is_good);
        if (staged == Staged::is_taken_back && store_) store_->turn();
    }

    // --- people

    void people_act() {
        const auto jobs = our_jobs();
        if (jobs.empty() || (jobs_left_ > 0 && dice_.one_in(2))) return create();
        const EntryPtr job = dice_.pick<EntryPtr>(jobs);
        switch (dice_.roll(8)) {
            case 0:
            case 1: return edit(job);
            case 2: return activate(job, !job->job->is_active);
            case 3: return dice_.one_in(3) ? remove(job) : edit(job);
            case 4: return cancel();
            default: return run_now(job);
        }
    }

    std::vector<EntryPtr> our_jobs() const {
        std::vector<EntryPtr> ours = store_->board().all();
        std::erase_if(ours, [&](const EntryPtr& e) { return !ledger_.knows(e->number); });
        return ours;
    }

    Terms draw_terms() {
        constexpr std::array<std::int64_t, 4> kWindows = {90, 3'600, 20'000, 86'400};
        Terms terms;
        terms.spec =
            draw_spec(dice_, draw_zone(dice_, seconds(clock_.now())), seconds(clock_.now()));
        terms.misfire = Misfire(dice_.roll(3));
        terms.misfire_limit = dice_.between(1, 5);
        terms.misfire_window = dice_.pick<std::int64_t>(kWindows);
        terms.overlap = Overlap(dice_.roll(3));  // allow, skip, queue_one
        return terms;
    }

    Job job_of(const Terms& terms, std::string name) const {
        Job job;
        job.name = std::move(name);
        job.task = "true";
        job.target = R"({"argv":["true"]})";
        if (celery_ && name_is_of_a_task(job.name)) {
            job.kind = domain::Kind::celery;
            // Two of them expire or are for an exchange, which would hide a mutant.
            const std::int64_t list = terms.misfire_limit % 3;
            job.task = fmt::format("list {}", is_unharmed_ ? list : 3 + list);
            job.target = R"({"task":"true"})";
        }
        job.schedule_text = terms.spec.text();
        if (terms.spec.type == Spec::Type::manual) job.schedule_type = schedule::Type::manual;
        if (terms.spec.type == Spec::Type::interval) job.schedule_type = schedule::Type::interval;
        if (terms.spec.type == Spec::Type::cron || terms.spec.type == Spec::Type::at_start)
            job.schedule_type = schedule::Type::cron;
        job.timezone = terms.spec.zone->name;
        job.anchor = Instant{std::chrono::seconds{terms.spec.anchor}};
        if (terms.spec.start != INT64_MIN)
            job.window.start = Instant{std::chrono::seconds{terms.spec.start}};
        if (terms.spec.end != INT64_MAX)
            job.window.end = Instant{std::chrono::seconds{terms.spec.end}};
        job.is_active = terms.is_active;
        job.misfire = terms.misfire;
        job.misfire_limit = terms.misfire_limit;
        job.misfire_window = terms.misfire_window;
        job.overlap = terms.overlap;
        const auto parsed = domain::parse_schedule(job, support::system_zones());
        if (!parsed) throw std::logic_error(job.schedule_text + ": " + parsed.error().what);
        return job;
    }

    void create() {
        --jobs_left_;
        Terms terms = draw_terms();
        intend("create", {}, terms);
        const auto made = store_->create_job(job_of(terms, fmt::format("job {}", edits_)), {});
        settle_intent(made.has_value());
    }
    void edit(const EntryPtr& job) {
        Terms terms = draw_terms();
        terms.is_active = job->job->is_active;
        change(job, terms);
    }
    void activate(const EntryPtr& job, bool is_active) {
        Terms terms = terms_of_.at(job->number.value);
        terms.is_active = is_active;
        change(job, terms);
    }
    void change(const EntryPtr& job, const Terms& terms) {
        intend("edit", job, terms);
        const auto made =
            store_->update_job(job->number, job->job->version, job_of(terms, job->job->name), {});
        settle_intent(made.has_value());
    }
    void remove(const EntryPtr& job) {
        intend("remove", job, std::nullopt);
        settle_intent(store_->delete_job(job->number, 0, {}).has_value());
    }
    void run_now(const EntryPtr& job) {
        const bool force = dice_.one_in(3);
        ledger_.force(force);
        [[maybe_unused]] const auto run = store_->ask_run({.job = job->number, .force = force}, {});
        ledger_.force(false);
    }
    void cancel() {
        const auto open = store_->open_runs();
        if (!open || open->empty()) return;
        const RunId run = dice_.pick<domain::Run>(*open).id;
        [[maybe_unused]] const auto asked = store_->ask_cancel(run, dice_.one_in(2), {});
    }

    // --- what was asked for may have happened although nobody heard of it

    struct Intent {
        std::string name;
        JobNumber job;
        std::optional<Terms> terms;  // nothing: it is to go
        std::int64_t before = 0;
        Instant at{};
    };

    void intend(std::string_view what, const EntryPtr& job, std::optional<Terms> terms) {
        ++edits_;
        intent_ = {.name = job ? job->job->name : fmt::format("job {}", edits_),
                   .job = job ? job->number : JobNumber{},
                   .terms = std::move(terms),
                   .before = job ? job->job->version : 0,
                   .at = clock_.now()};
        last_edit_ = fmt::format("{} {} at {}", what, intent_->name, seconds(intent_->at));
    }

    void settle_intent(bool is_said_done) {
        const bool is_done = find_out_what_happened();
        if (is_done) ledger_.saw("edit");
        if (is_said_done && !is_done && last_change_mattered_)
            ledger_.violated("I-20", "an acknowledged edit did not happen: " + last_edit_);
        if (!is_said_done && is_done)
            ledger_.violated("I-20", "a refused edit has happened: " + last_edit_);
    }

    bool find_out_what_happened() {
        last_change_mattered_ = true;
        if (!intent_) return false;
        const Intent intent = *intent_;
        intent_.reset();
        const EntryPtr job = intent.job ? store_->board().find(intent.job)
                                        : store_->board().find_by_name(intent.name);
        if (!intent.terms) {
            if (job) return false;
            ledger_.job_is_gone(intent.job, intent.at);
            return true;
        }
        if (!job || job->job->version == intent.before) {
            last_change_mattered_ = !job;  // the same again makes no new version
            return false;
        }
        ledger_.job_is(job->number, *intent.terms, job->job->version, intent.at);
        terms_of_[job->number.value] = *intent.terms;
        return true;
    }

    // --- the end: nothing goes wrong any more

    void heal() {
        mutant_is_quiet_ = true;
        until_break_ = until_crash_ = -1;
        if (poisoned_) poison_or_cure();
        if (!store_ && !start()) return ledger_.violated("I-31", "the store does not open");
        dispatcher_->heal();
        if (celery_) celery_->heal();
        clock_.set(std::max(clock_.now(), latest_));
        for (int i = 0; i < 130; ++i) {
            clock_.pass(1s);
            turn_all();
            while (store_->turn()) continue;
            for (int again = 0; again < 20; ++again) dispatcher_->step(*store_);
        }
        // Those who still run have been started before, and may take their time.
        for (int i = 0; i < 400 && open_count() > 0; ++i) {
            clock_.pass(3s);
            turn_all();
            while (store_->turn()) continue;
        }
        demand_progress();
        ledger_.balance(clock_.now());
        ledger_.mix(store_->board().size() > 0);
    }

    std::int64_t open_count() {
        return keeper_.number("SELECT count(*) AS n FROM runs WHERE ended_at IS NULL", {}, 0);
    }

    static bool name_is_of_a_task(const std::string& name) { return (name.back() - '0') % 2 == 1; }

    bool is_due(const domain::Entry& entry) const {
        return entry.next_slot && *entry.next_slot <= clock_.now();
    }

    // A good turn leaves nothing due but what is refused.
    void look_for_neglected() {
        for (const EntryPtr& entry : store_->board().all()) {
            const bool is_refused = entry->trouble == domain::Trouble::slots_refused;
            if (is_refused) ledger_.saw("refused");
            if (is_refused && poisoned_ != entry->number) ledger_.saw("set aside after its cure");
            if (!is_refused && is_due(*entry))
                ledger_.violated("I-29", fmt::format("job {} is not decided at {}",
                                                     entry->number.value, seconds(clock_.now())));
        }
    }

    void demand_progress() {
        if (!last_good_turn_ || *last_good_turn_ != clock_.now())
            ledger_.violated("I-31", "the beat does not turn");
        if (beat_->report().resumes_at) ledger_.violated("I-31", "the clock is still behind");
        for (const EntryPtr& entry : store_->board().all())
            if (is_due(*entry))
                ledger_.violated("I-31", fmt::format("job {} stands still", entry->number.value));
        constexpr auto kStuck = R"sql(SELECT count(*) AS n FROM runs
            WHERE ended_at IS NULL AND decided_at < ?1)sql";
        const std::int64_t long_ago = micros(clock_.now() - 120s);
        if (const auto stuck = keeper_.number(kStuck, {long_ago}, 0); stuck > 0)
            ledger_.violated("I-31", fmt::format("{} runs do not end", stuck));
        if (const auto left = keeper_.number("SELECT count(*) AS n FROM batches", {}, 0); left > 0)
            ledger_.violated("I-08", fmt::format("{} batches are never sent", left));
    }

    // --- mutants

    bool turn_or_mutate() {
        if (mutant_ == Mutant::cursor_before_decision && dice_.one_in(4))
            return move_a_cursor_first();
        if (mutant_ == Mutant::neighbours_wait && poisoned_) {
            const EntryPtr job = store_->board().find(*poisoned_);
            if (job && is_due(*job)) return false;
        }
        return beat_->turn().has_value();
    }

    // As if the cursor were written first and the server died before the decision was.
    bool move_a_cursor_first() {
        for (const EntryPtr& entry : our_jobs()) {
            if (!is_due(*entry)) continue;
            domain::Decision decision = domain::plan(*entry, {}, clock_.now());
            decision.runs.clear();
            return store_->commit({&decision, 1}).has_value();
        }
        return beat_->turn().has_value();
    }

    // As if the cursor were written after the decision and the server died in between. The key of
    // ids goes with it, or the database itself would refuse the second run.
    void turn_back_a_cursor() {
        if (mutant_is_quiet_) return;
        keeper_.rows(
            "UPDATE cursors SET (next_slot, decided_until) = (SELECT max(slot), max(slot) - 1 FROM "
            "runs WHERE job = cursors.job) WHERE next_slot IS NOT NULL AND job IN (SELECT job FROM "
            "runs WHERE slot "
            "IS NOT NULL)");
        keeper_.rows("UPDATE settings SET value = randomblob(16) WHERE key = 'installation_key'");
    }

    Dice dice_;
    const Mutant mutant_;
    const std::string uri_;
    Keeper keeper_;
    Ledger ledger_;
    support::MovableClock clock_;
    AheadClock ahead_;
    Log log_;
    Mark mark_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<beat::Beat> beat_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::unique_ptr<Celery> celery_;  // null: there is no broker
    Progress progress_;
    std::unique_ptr<dispatch::Broker> broker_;

    std::optional<JobNumber> poisoned_;
    bool is_unharmed_ = true;  // by mutants
    bool is_recovered_ = false;
    bool mutant_is_quiet_ = false;
    std::int64_t statements_ = 0;                       // since the beat's turn began
    std::int64_t until_break_ = -1, until_crash_ = -1;  // statements, commits
    std::optional<Instant> last_good_turn_;
    bool turn_failed_ = false;
    bool has_broken_ = false;  // a statement, in this turn
    Instant latest_{};         // the clock has never shown more

    std::map<std::int64_t, Terms> terms_of_;
    std::optional<Intent> intent_;
    bool last_change_mattered_ = true;
    std::string last_edit_ = "none";
    std::int64_t jobs_left_ = 0, edits_ = 0;
};

}  // namespace

Life live(std::uint64_t seed, Kinds kinds, Mutant mutant, BrokerMutant broker_mutant) {
    return World(seed, kinds, mutant, broker_mutant).live();
}

}  // namespace cjv::sim
