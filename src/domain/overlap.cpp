#include "domain/overlap.h"

namespace cjv::domain {
namespace {
constexpr std::int64_t kQueueAll = 1'000;
}

Verdict decide_overlap(Overlap policy, Trigger trigger, std::int64_t open, std::int64_t waiting,
                       bool force) {
    if (open == 0 || force || policy == Overlap::allow) return Verdict::start;
    if (trigger == Trigger::catch_up) return Verdict::wait;
    switch (policy) {
        case Overlap::skip: return Verdict::skip;
        case Overlap::queue_one: return waiting < 1 ? Verdict::wait : Verdict::buffer_full;
        case Overlap::queue_all: return waiting < kQueueAll ? Verdict::wait : Verdict::buffer_full;
        case Overlap::cancel_running: return Verdict::wait;  // for those before it to be cancelled
        case Overlap::allow: break;
    }
    return Verdict::start;
}

}  // namespace cjv::domain
