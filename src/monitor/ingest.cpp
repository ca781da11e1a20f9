#include "monitor/ingest.h"

#include <algorithm>
#include <utility>

#include "monitor/news.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;
using celery::EventRefusal;
using domain::Status;
using store::TaskNews;

constexpr auto kTurn = 100ms;
constexpr auto kStall = 8s;
constexpr std::size_t kResultsAtOnce = 500;

// Whether its result is worth a look: it says more than the event, or says it whole.
bool has_result(const TaskNews& news) {
    return news.status == Status::success || news.status == Status::failed ||
           news.status == Status::timed_out;
}

}  // namespace

Ingest::Ingest(store::Store& store, Workers& workers, Results* results, const Clock& clock,
               Log& log)
    : store_(store), workers_(workers), results_(results), clock_(clock), log_(log) {}

void Ingest::start(Progress& progress) {
    Mark& mark = progress.add("ingest", kStall, clock_.steady());
    thread_ = std::thread([this, &mark] { loop(mark, clock_); });
}

void Ingest::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    bell_.notify_all();
    if (thread_.joinable()) thread_.join();
    do {
        turn();
    } while (fold_.has_waiting());
}

void Ingest::put(std::string_view channel, std::string_view payload) {
    const Instant now = clock_.now();
    const auto put = queue_.put(channel, payload, now);
    if (put == EventQueue::Put::more) return;
    const std::scoped_lock lock(mutex_);  // else the thread could miss it on its way to sleep
    if (put == EventQueue::Put::first)
        bell_.notify_one();
    else if (complete_since_ && !channel.ends_with("worker.heartbeat"))
        complete_since_ = now;
}

void Ingest::set_subscribed(std::optional<Instant> since) {
    const std::scoped_lock lock(mutex_);
    complete_since_ = since;
}

std::optional<Instant> Ingest::complete_since() const {
    const std::scoped_lock lock(mutex_);
    return complete_since_;
}

IngestCounts Ingest::counts() const {
    const std::scoped_lock lock(mutex_);
    return counts_;
}

bool Ingest::is_stopping() const {
    const std::scoped_lock lock(mutex_);
    return stopping_;
}

// Under the mutex.
bool Ingest::has_work() const { return stopping_ || !answered_.empty() || !queue_.empty(); }

void Ingest::loop(Mark& mark, const Clock& clock) {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            mark.rest();
            bell_.wait(lock, [this] { return has_work() || fold_.has_waiting(); });
            // Neighbours come with it.
            bell_.wait_for(lock, kTurn, [this] { return stopping_; });
            if (stopping_) break;
        }
        mark.move(clock.steady());
        turn();
    }
    mark.rest();
}

void Ingest::turn() {
    decode();
    tell(fold_.take());
    tell_answered();
    count();
}

void Ingest::decode() {
    for (const RawEvents& raw : queue_.take(raw_))
        for (const celery::Event& event : reader_.read(raw.payload)) apply(event, raw.at);
}

void Ingest::apply(const celery::Event& event, Instant at) {
    const bool is_of_task = is_task(event.type);
    const bool has_room = workers_.apply(event, at);
    if (is_of_task)
        fold_.apply(event, at);
    else
        ++(has_room ? worker_events_ : no_room_);
}

void Ingest::tell(std::vector<TaskNews> news) {
    std::vector<TaskNews> asked;
    const auto ask = [&] {
        if (asked.empty()) return;
        results_->fetch(std::exchange(asked, {}),
                        [this](std::vector<TaskNews> back, Results::Texts texts) {
                            const std::scoped_lock lock(mutex_);
                            answered_.push_back({std::move(back), std::move(texts)});
                            bell_.notify_one();
                        });
    };
    const bool may_ask = results_ && !is_stopping() && results_->is_there();
    for (TaskNews& one : news) {
        if (!may_ask || !has_result(one)) {
            store_.observe_task(std::move(one));
            continue;
        }
        if (asked.empty()) asked.reserve(std::min(news.size(), kResultsAtOnce));
        asked.push_back(std::move(one));
        if (asked.size() == kResultsAtOnce) ask();
    }
    ask();
}

void Ingest::tell_answered() {
    std::vector<Answered> answered;
    {
        const std::scoped_lock lock(mutex_);
        answered.swap(answered_);
    }
    for (auto& [news, texts] : answered)
        for (std::size_t i = 0; i < news.size(); ++i) {
            if (i < texts.size() && !texts[i].empty())
                add_result(news[i], result_reader_.read(texts[i]));
            store_.observe_task(std::move(news[i]));
        }
}

void Ingest::count() {
    const celery::EventCounts& read = reader_.counts();
    const FoldCounts& folded = fold_.counts();
    const QueueDrops drops = queue_.drops();
    IngestCounts counts{.received = read.seen + drops.heartbeats + drops.others,
                        .applied = folded.applied + worker_events_,
                        .duplicate = folded.duplicate,
                        .late = folded.late,
                        .forgotten = folded.forgotten,
                        .last_malformed = reader_.last_refusal()};
    const auto add = [&](std::string_view reason, std::uint64_t number) {
        if (number > 0) counts.dropped[std::string(reason)] = number;
    };
    for (std::size_t i = 0; i < celery::kEventRefusals; ++i) {
        const auto refusal = static_cast<EventRefusal>(i);
        if (refusal == EventRefusal::type || refusal == EventRefusal::ignored)
            add(to_text(refusal), read.refused[i]);
        else
            counts.malformed += read.refused[i];
    }
    add("heartbeats_overflow", drops.heartbeats);
    add("overflow", drops.others);
    add("too_many_workers", no_room_);
    const std::scoped_lock lock(mutex_);
    if (counts.malformed > counts_.malformed)
        log_.warn("celery.event_malformed",
                  {{"count", counts.malformed}, {"last", counts.last_malformed}});
    if (drops.others > 0 && counts.dropped["overflow"] > counts_.dropped["overflow"])
        log_.warn("celery.events_dropped", {{"messages", drops.others}});
    counts_ = std::move(counts);
}

}  // namespace cjv::monitor
