#include "monitor/fold.h"

#include <algorithm>
#include <iterator>

#include "monitor/news.h"

namespace cjv::monitor {
namespace {

using domain::Reason;
using domain::Status;

constexpr std::size_t kMostSpare = 4'096;

// It ended by itself, so that it must have started.
bool lacks_start(const store::TaskNews& news) {
    if (news.started_at) return false;
    return news.status == Status::success || news.status == Status::timed_out ||
           (news.status == Status::failed && news.reason != Reason::not_registered);
}

}  // namespace

void Fold::Task::reset() {
    state.clear();
    is_new = has_ended = false;
    waited = 0;
}

Fold::Tasks::value_type& Fold::known(std::string_view task_id, Instant now) {
    if (last_ && last_->first == task_id) return *last_;
    if (const auto at = tasks_.find(task_id); at != tasks_.end()) return *(last_ = &*at);
    Tasks::value_type* task = nullptr;
    if (spare_.empty()) {
        task = &*tasks_.try_emplace(std::string(task_id)).first;
    } else {
        Tasks::node_type node = std::move(spare_.back());
        spare_.pop_back();
        node.key() = task_id;
        node.mapped().reset();
        task = &*tasks_.insert(std::move(node)).position;
    }
    task->second.seen_at = now;
    if (spare_places_.empty())
        open_.push_back(task);
    else
        open_.splice(open_.end(), spare_places_, spare_places_.begin());
    task->second.place = std::prev(open_.end());
    *task->second.place = task;
    return *(last_ = task);
}

void Fold::apply(const celery::Event& event, Instant now) {
    auto& known_task = known(event.task_id, now);
    auto& task = known_task.second;
    if (!task.state.apply(event)) {
        ++counts_.duplicate;
        return;
    }
    ++(task.has_ended ? counts_.late : counts_.applied);
    touch(known_task);
    if (!task.is_new) changed_.push_back(&known_task);
    task.is_new = true;
}

void Fold::touch(Tasks::value_type& task) {
    Queue& queue = task.second.has_ended ? ended_ : open_;
    queue.splice(queue.end(), queue, task.second.place);
}

std::vector<store::TaskNews> Fold::take() {
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

void Fold::forget(Queue& queue, std::size_t most) {
    last_ = nullptr;
    for (; queue.size() > most;) {
        Tasks::node_type node = tasks_.extract(tasks_.find(queue.front()->first));
        if (spare_.size() < kMostSpare) {
            spare_.push_back(std::move(node));
            spare_places_.splice(spare_places_.end(), queue, queue.begin());
        } else {
            queue.pop_front();
        }
    }
}

// Only here, where nothing waits to be taken.
void Fold::make_room() {
    counts_.forgotten += open_.size() - std::min(open_.size(), limits_.open);
    forget(open_, limits_.open);
    forget(ended_, limits_.ended);
}

}  // namespace cjv::monitor
