#include "dispatch/fair_queue.h"

namespace cjv::dispatch {

bool FairQueue::push(const Waiting& waiting) {
    if (!jobs_.emplace(waiting.run, waiting.job).second) return false;
    auto& line = lines_[waiting.job];
    if (line.empty()) turns_.push_back(waiting.job);
    line.push_back(waiting);
    return true;
}

void FairQueue::remove(const RunId& run) {
    const auto at = jobs_.find(run);
    if (at == jobs_.end()) return;
    auto& line = lines_[at->second];
    std::erase_if(line, [&](const Waiting& waiting) { return waiting.run == run; });
    if (line.empty()) {
        std::erase(turns_, at->second);
        lines_.erase(at->second);
    }
    jobs_.erase(at);
}

std::optional<Waiting> FairQueue::pop() {
    if (turns_.empty()) return std::nullopt;
    const JobNumber job = turns_.front();
    turns_.pop_front();
    auto& line = lines_[job];
    const Waiting next = line.front();
    line.pop_front();
    jobs_.erase(next.run);
    if (line.empty())
        lines_.erase(job);
    else
        turns_.push_back(job);
    return next;
}

}  // namespace cjv::dispatch
