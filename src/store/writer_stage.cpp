// What is decided before its time, and made true at it: see stage.h.
#include <chrono>
#include <utility>

#include "store/apart.h"
#include "store/outbox.h"
#include "store/writer.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::microseconds kSlowDisk = 10ms;  // of the last commit
constexpr std::size_t kMuch = 2'000;                   // changes: some thousand decisions

}  // namespace

bool Writer::stage(bool is_first, const Work& work, Instant at, Steady until) {
    const auto staged = ask({.what = Staging::What::add,
                             .work = &work,
                             .is_first = is_first,
                             .at = at,
                             .until = until});
    return staged && *staged;
}

void Writer::finish_stage() { (void)ask({.what = Staging::What::finish}); }

Result<bool> Writer::commit_staged() { return ask({.what = Staging::What::commit}); }

Result<bool> Writer::ask(Staging staging) {
    std::unique_lock lock(mutex_);
    if (!trouble_.empty()) return fail(Errc::unavailable, trouble_);
    if (stopping_) return fail(Errc::unavailable, "the server is stopping");
    staging_ = &staging;
    if (has_thread_) {
        work_.notify_one();
        done_.wait(lock, [&] { return staging.done; });
    } else {
        lock.unlock();
        serve_waiting();
    }
    return staging.outcome;
}

// Those who wait have been served, and have taken back what was staged.
void Writer::serve_staging() {
    Staging& staging = *staging_;  // it waits for us, and is the only one
    auto outcome = carry_out(staging);
    if (!outcome || !*outcome) take_back_stage();
    look_for_damage();
    {
        const std::scoped_lock lock(mutex_);
        staged_until_ = stage_ ? std::optional(stage_->until) : std::nullopt;
        burst_.note(parts_.clock.steady());
        staging.outcome = std::move(outcome);
        staging.done = true;
        staging_ = nullptr;
    }
    done_.notify_all();
}

Result<bool> Writer::carry_out(const Staging& staging) {
    if (std::string why = trouble(); !why.empty()) return fail(Errc::unavailable, std::move(why));
    switch (staging.what) {
        case Staging::What::add: return add_to_stage(staging);
        case Staging::What::finish: return finish_staging();
        case Staging::What::commit: break;
    }
    return commit_stage();
}

Result<bool> Writer::add_to_stage(const Staging& staging) {
    if (staging.is_first) {
        take_back_stage();
        auto scope = Scope::open(db_, Scope::Kind::write);
        if (!scope) return std::unexpected(scope.error());
        stage_.emplace(*std::move(scope), parts_.memory, staging.until);
    }
    if (!stage_) return false;
    Transaction tx{.db = db_,
                   .draft = stage_->draft,
                   .now = staging.at,
                   .key = parts_.key,
                   .encode = parts_.encode};
    if (auto done = under_savepoint(tx, *staging.work); !done) return std::unexpected(done.error());
    if (auto written = write_batches(db_, stage_->draft); !written)
        return std::unexpected(written.error());
    return true;
}

Result<bool> Writer::finish_staging() {
    if (!stage_) return false;
    const Draft& draft = stage_->draft;
    parts_.feed.publish(
        Staged{.changes = draft.changes, .batches = draft.batches, .until = stage_->until});
    // A disk that takes long would take it twice: the commit waits for it again.
    const bool is_slow = last_commit_us_ >= kSlowDisk.count();
    if (is_slow && draft.changes.size() < kMuch) return true;
    if (auto flushed = db_.flush(); !flushed) return std::unexpected(flushed.error());
    return true;
}

Result<bool> Writer::commit_stage() {
    if (!stage_ || parts_.clock.steady() >= stage_->until) return false;
    if (auto finished = finish(stage_->scope, stage_->draft); !finished)
        return std::unexpected(finished.error());
    tell(stage_->draft);
    stage_.reset();
    return true;
}

void Writer::take_back_stage() {
    if (!stage_) return;
    stage_.reset();
    const std::scoped_lock lock(mutex_);
    staged_until_.reset();
}

}  // namespace cjv::store
