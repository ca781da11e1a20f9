#include "monitor/fold.h"

#include <algorithm>

#include "monitor/news.h"

namespace cjv::monitor {
namespace {

using domain::Reason;
using domain::Status;

// It ended by itself, so that it must have started.
bool lacks_start(const store::TaskNews& news) {
    if (news.started_at) return false;
    return news.status == Status::success || news.status == Status::timed_out ||
           (news.status == Status::failed && news.reason != Reason::not_registered);
}

}  // namespace

void Fold::apply(const celery::Event& event, Instant now) {
    const auto [at, is_first] = tasks_.try_emplace(std::string(event.task_id));
    auto& task = at->second;
    if (is_first) {
        task.seen_at = now;
        task.place = open_.insert(open_.end(), &*at);
    }
    if (!task.state.apply(event)) {
        ++counts_.duplicate;
        return;
    }
    ++(task.has_ended ? counts_.late : counts_.applied);
    touch(*at);
    if (!task.is_new) changed_.push_back(&*at);
    task.is_new = true;
}

void Fold::touch(Tasks::value_type& task) {
    Queue& queue = task.second.has_ended ? ended_ : open_;
    queue.splice(queue.end(), queue, task.second.place);
}

std::vector<store::TaskNews> Fold::take() {
    std::ranges::sort(changed_, {},
                      [](const auto* task) -> const std::string& { return task->first; });
    std::vector<store::TaskNews> all;
    all.reserve(changed_.size());
    std::vector<Tasks::value_type*> waiting;
    for (auto* task : changed_) {
        auto& [id, known] = *task;
        auto news = news_of(id, known.state, known.seen_at);
        if (news && !known.has_ended && lacks_start(*news) && known.waited < limits_.patience) {
            ++known.waited;
            waiting.push_back(task);
            continue;
        }
        known.is_new = false;
        if (!news) continue;
        if (is_final(news->status) && !known.has_ended) {
            known.has_ended = true;
            ended_.splice(ended_.end(), open_, known.place);
        }
        all.push_back(*std::move(news));
    }
    changed_ = std::move(waiting);
    if (changed_.empty()) make_room();
    return all;
}

// Only here, where nothing waits to be taken.
void Fold::make_room() {
    const auto drop = [&](Queue& queue, std::size_t most) {
        for (; queue.size() > most; queue.pop_front())
            tasks_.erase(tasks_.find(queue.front()->first));
    };
    counts_.forgotten += open_.size() - std::min(open_.size(), limits_.open);
    drop(open_, limits_.open);
    drop(ended_, limits_.ended);
}

}  // namespace cjv::monitor
