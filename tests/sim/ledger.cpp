#include "ledger.h"

#include "base/iso8601.h"

#include <fmt/format.h>

#include <algorithm>

namespace cjv::sim {
namespace {

using domain::Status, domain::Trigger, domain::Reason;
using store::Change;

std::int64_t seconds(Instant at) {
    return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}
std::int64_t seconds(const std::optional<Instant>& at) { return at ? seconds(*at) : 0; }
std::string shown(std::int64_t second) { return to_iso8601(Instant{std::chrono::seconds{second}}); }

bool executes(Status status) { return status == Status::queued || status == Status::running; }

// What the policy runs of the slots that an outage swallowed.
std::int64_t catch_up_limit(const Terms& terms) {
    if (terms.misfire == domain::Misfire::none) return 0;
    return terms.misfire == domain::Misfire::latest ? 1 : terms.misfire_limit;
}

}  // namespace

void Ledger::violated(const std::string& invariant, const std::string& how) {
    violations_.push_back(invariant + " " + how);
}

void Ledger::mix(std::int64_t number) {
    for (int i = 0; i < 8; ++i)
        trace_ = (trace_ ^ std::uint8_t(number >> 8 * i)) * 1'099'511'628'211U;
}

void Ledger::job_is(JobNumber job, const Terms& terms, std::int64_t version, Instant at) {
    Account& account = jobs_[job.value];
    if (account.version != 0)
        close_span(job, account, at);
    else
        account.bound = seconds(at);
    account.terms = terms;
    account.version = version;
    if (const auto at_start = at_start_.find(job.value); at_start != at_start_.end())
        at_start->second.is_edited = true;
    if (terms.overlap != domain::Overlap::allow) return;
    for (auto& [id, run] : open_)
        if (run.job == job) run.is_free = true;  // those that waited are let go
}

void Ledger::job_is_gone(JobNumber job, Instant at) {
    Account& account = jobs_.at(job.value);
    close_span(job, account, at);
    account.is_gone = true;
    account.terms.is_active = false;
    at_start_.erase(job.value);
}

void Ledger::starts_jobs() {
    at_start_.clear();
    for (const auto& [number, account] : jobs_)
        if (!account.is_gone && account.terms.is_active &&
            account.terms.spec.type == Spec::Type::at_start)
            at_start_[number] = {};
}

void Ledger::turned_well() {
    for (const auto& [number, at_start] : at_start_)
        if (at_start.runs == 0 && !at_start.is_edited)
            violated("I-01", fmt::format("job {}: the start has no run of it", number));
}

void Ledger::follow_start(const Change& change, const std::string& name) {
    saw("at start");
    const auto at_start = at_start_.find(change.job.value);
    if (at_start == at_start_.end())
        violated("I-01", name + " runs with a start, and should not");
    else if (++at_start->second.runs > 1)
        violated("I-02", name + " runs twice in one start");
}

void Ledger::poisoned(JobNumber job) {
    poisoned_ = job;
    if (job) excused_.insert(job);
}

// An edit first decides what is due. Where the clock was set back, what is decided stays so.
void Ledger::close_span(JobNumber job, Account& account, Instant at) {
    const std::int64_t run =
        keeper_.number("SELECT max(slot) AS n FROM runs WHERE job = ?1", {job.value}, INT64_MIN);
    const std::int64_t skip = keeper_.number("SELECT max(last_slot) AS n FROM skips WHERE job = ?1",
                                             {job.value}, INT64_MIN);
    const std::int64_t decided = std::max(run, skip) / 1'000'000;
    const std::int64_t until = std::max({account.bound, seconds(at), decided});
    if (account.terms.is_active)
        account.spans.push_back({account.terms.spec, account.bound, until});
    account.bound = until;
}

void Ledger::commit(const store::Commit& commit, Instant now, bool may_miss) {
    if (commit.sequence != ++sequence_)
        violated("I-15", fmt::format("commit {} follows {}", commit.sequence, sequence_ - 1));
    for (const Change& change : commit.changes) {
        mix(std::int64_t(change.what));
        mix(change.job.value);
        mix(change.before ? std::int64_t(*change.before) : -1);
        mix(std::int64_t(change.after));
        mix(std::int64_t(change.reason));
        mix(std::int64_t(change.trigger));
        mix(seconds(change.slot));
        if (change.what == Change::What::run) follow_run(change, now);
        if (change.what == Change::What::skip)
            saw(fmt::format("{} {}", to_text(change.after), to_text(change.reason)));
        if (change.what == Change::What::skip && change.after == Status::missed && !may_miss &&
            !excused_.contains(change.job))
            violated("I-14", fmt::format("job {}: {} is missed though all was well",
                                         change.job.value, shown(seconds(change.slot))));
    }
    check_catch_up(commit, now, may_miss);
}

// The edges of a run's life, from its record to its end, without a hole.
void Ledger::follow_run(const Change& change, Instant now) {
    const auto known = open_.find(change.run);
    const std::string name =
        fmt::format("job {} run {} at {}", change.job.value, to_text(change.run), to_iso8601(now));
    if (!change.before) {
        saw(std::string(to_text(change.trigger)));
        if (change.reason == Reason::waiting_overlap) saw("waits");
        if (known != open_.end() || ended_.contains(change.run))
            violated("I-02", name + " is recorded twice");
        if (change.after != Status::pending)
            violated("I-15", fmt::format("{} begins as {}", name, to_text(change.after)));
        if (change.slot && *change.slot > now)
            violated("I-10", fmt::format("{} is decided before its slot {}", name,
                                         to_iso8601(*change.slot)));
        if (!change.slot && change.trigger == Trigger::schedule) follow_start(change, name);
        const auto job = jobs_.find(change.job.value);
        open_[change.run] = {.job = change.job,
                             .status = change.after,
                             .is_free = job == jobs_.end() ||
                                        job->second.terms.overlap == domain::Overlap::allow ||
                                        (is_forced_ && !change.slot),
                             .is_catch_up = change.trigger == Trigger::catch_up,
                             .slot = seconds(change.slot)};
        return;
    }
    if (known == open_.end()) {
        violated("I-15", name + (ended_.contains(change.run) ? " changes after its end"
                                                             : " changes before it is recorded"));
        return;
    }
    OpenRun& run = known->second;
    if (run.status != *change.before)
        violated("I-15", fmt::format("{} was {}, the feed says {}", name, to_text(run.status),
                                     to_text(*change.before)));
    if (*change.before != change.after && !domain::may_follow(*change.before, change.after))
        violated("I-15", fmt::format("{} went from {} to {}", name, to_text(*change.before),
                                     to_text(change.after)));
    if (change.after == Status::queued) check_start(change, run);
    run.status = change.after;
    if (!is_final(change.after)) return;
    saw(std::string(to_text(change.after)));
    if (change.reason != Reason::none) saw(std::string(to_text(change.reason)));
    ended_[change.run] = change.after;
    open_.erase(known);
}

void Ledger::check_start(const Change& change, const OpenRun& run) {
    if (run.is_free) return;
    for (const auto& [id, other] : open_) {
        if (other.job != run.job || id == change.run || other.is_free) continue;
        if (executes(other.status))
            violated("I-12", fmt::format("job {}: two runs go at the same time", run.job.value));
        if (run.is_catch_up && other.is_catch_up && other.slot < run.slot)
            violated("I-14", fmt::format("job {}: {} is caught up before {}", run.job.value,
                                         shown(run.slot), shown(other.slot)));
    }
}

// As many as the policy says, the newest, oldest first, none beyond the window.
void Ledger::check_catch_up(const store::Commit& commit, Instant now, bool may_miss) {
    std::map<std::int64_t, std::vector<std::int64_t>> caught_up;
    std::set<std::int64_t> with_missed;
    for (const Change& change : commit.changes) {
        if (change.what == Change::What::run && !change.before &&
            change.trigger == Trigger::catch_up)
            caught_up[change.job.value].push_back(seconds(change.slot));
        if (change.what == Change::What::skip && change.after == Status::missed)
            with_missed.insert(change.job.value);
    }
    for (const auto& [number, account] : jobs_) {
        const std::vector<std::int64_t> slots = caught_up[number];
        const std::int64_t count = std::int64_t(slots.size());
        const std::int64_t limit = catch_up_limit(account.terms);
        const std::int64_t too_old = seconds(now) - account.terms.misfire_window;
        const std::string name = fmt::format("job {} at {}:", number, to_iso8601(now));
        if (count > limit) violated("I-14", fmt::format("{} {} runs are caught up", name, count));
        if (count > 0 && !may_miss && !excused_.contains(JobNumber{number}))
            violated("I-14", fmt::format("{} {} is caught up though all was well", name,
                                         shown(slots.front())));
        if (!std::ranges::is_sorted(slots)) violated("I-14", name + " not the oldest first");
        if (count > 0 && slots.front() <= too_old)
            violated("I-14", fmt::format("{} {} is too old to be run", name, shown(slots.front())));
        if (!with_missed.contains(number)) continue;
        const std::int64_t missed =
            keeper_.number(
                "SELECT max(last_slot) AS n FROM skips WHERE job = ?1 AND status = 'missed'",
                {number}, 0) /
            1'000'000;
        if (count > 0 && missed > slots.front())
            violated("I-14", fmt::format("{} {} is missed, the older {} is run", name,
                                         shown(missed), shown(slots.front())));
        if (count < limit && missed > too_old && !excused_.contains(JobNumber{number}))
            violated("I-14", fmt::format("{} {} could have been caught up", name, shown(missed)));
    }
}

void Ledger::look_at(const domain::Board& board) {
    std::erase_if(excused_, [&](JobNumber job) {
        const auto entry = board.find(job);
        return job != poisoned_ && (!entry || entry->trouble == domain::Trouble::none);
    });
    for (auto& [number, account] : jobs_) {
        const auto entry = board.find(JobNumber{number});
        if (!entry) continue;
        const std::int64_t until = seconds(entry->decided_until);
        const auto& next = entry->next_slot;
        const std::int64_t cursor = next ? seconds(*next) : INT64_MAX;
        if (until < account.decided_until)
            violated("I-07", fmt::format("job {}: decided until {}, before that until {}", number,
                                         shown(until), shown(account.decided_until)));
        if (entry->job->version == account.cursor_version && cursor < account.cursor)
            violated("I-07", fmt::format("job {}: the cursor went from {} back to {}", number,
                                         shown(account.cursor), shown(cursor)));
        account.decided_until = until;
        account.cursor = cursor;
        account.cursor_version = entry->job->version;
    }
}

void Ledger::balance(Instant now) {
    for (auto& [number, account] : jobs_) {
        if (!account.is_gone) close_span(JobNumber{number}, account, now);
        balance_job(number, account);
    }
}

// What the windows of schedules kept out.
void Ledger::look_outside(const Span& span) {
    Spec open = span.spec;
    open.start = INT64_MIN;
    open.end = INT64_MAX;
    if (span.spec.start != INT64_MIN &&
        !slots(open, span.after, std::min(span.until, span.spec.start - 1)).empty())
        saw("before its start");
    if (span.spec.end != INT64_MAX &&
        !slots(open, std::max(span.after, span.spec.end - 1), span.until).empty())
        saw("after its end");
}

void Ledger::balance_job(std::int64_t job, Account& account) {
    std::set<std::int64_t> expected;
    for (const Span& span : account.spans) {
        for (const std::int64_t slot : slots(span.spec, span.after, span.until))
            expected.insert(slot);
        look_outside(span);
    }

    std::set<std::int64_t> recorded;
    for (const auto& row :
         keeper_.rows("SELECT slot / 1000000 FROM runs WHERE job = ?1 AND slot IS NOT NULL", {job}))
        if (!recorded.insert(row[0]).second)
            violated("I-02", fmt::format("job {}: two runs for {}", job, shown(row[0])));

    // A range stands for the expected slots in it, none of which may have anything else.
    for (const auto& row : keeper_.rows(
             "SELECT first_slot / 1000000, last_slot / 1000000, slots FROM skips WHERE job = ?1",
             {job})) {
        const auto first = expected.lower_bound(row[0]), end = expected.upper_bound(row[1]);
        const std::string name =
            fmt::format("job {}: range {} to {} of {}", job, shown(row[0]), shown(row[1]), row[2]);
        if (std::distance(first, end) != row[2] || !expected.contains(row[0]) ||
            !expected.contains(row[1]))
            violated("I-01",
                     fmt::format("{}, where {} were expected", name, std::distance(first, end)));
        if (row[0] / 86'400 != row[1] / 86'400) violated("I-01", name + " leaves its day");
        for (auto slot = first; slot != end; ++slot)
            if (!recorded.insert(*slot).second)
                violated("I-02", fmt::format("{}: {} has something else, too", name, shown(*slot)));
    }

    for (const std::int64_t slot : expected)
        if (!recorded.contains(slot))
            violated("I-01", fmt::format("job {} ({}): no decision for {}", job,
                                         account.terms.spec.text(), shown(slot)));
    for (const std::int64_t slot : recorded)
        if (!expected.contains(slot))
            violated("I-01", fmt::format("job {} ({}): {} was no slot", job,
                                         account.terms.spec.text(), shown(slot)));
}

}  // namespace cjv::sim
