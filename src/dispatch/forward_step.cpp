#include "dispatch/forward_step.h"

#include "base/iso8601.h"

#include <fmt/format.h>

namespace cjv::dispatch {
namespace {

constexpr std::chrono::days kFar{1};     // a longer step is no correction
constexpr std::chrono::hours kWait{24};  // architecture.md 4

}  // namespace

ForwardStep::ForwardStep(const Clock& clock, Instant newest_known)
    : clock_(clock), seen_(newest_known), seen_at_(clock.steady()) {
    look();
}

void ForwardStep::look() {
    const Instant now = clock_.now();
    const Steady steady = clock_.steady();
    const Instant expected = seen_ + (steady - seen_at_);
    if (now - expected > kFar) step_ = {.from = expected, .to = now, .over_at = steady + kWait};
    if (step_ && steady >= step_->over_at) step_.reset();
    seen_ = now;
    seen_at_ = steady;
}

std::string ForwardStep::refusal() {
    look();
    if (!step_) return "";
    return fmt::format(
        "Nothing was removed: the clock went from {} to {} at once, so all looks older than "
        "it may be. If the clock is right, clean-up goes on at {}.",
        to_iso8601(step_->from), to_iso8601(step_->to),
        to_iso8601(seen_ + (step_->over_at - seen_at_)));
}

}  // namespace cjv::dispatch
