#include "web/events.h"

#include "base/json.h"
#include "web/api/health.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace cjv::web {
namespace {

constexpr std::string_view kTopicNames[] = {"job", "run", "output", "stats", "health"};
constexpr std::string_view kChangeNames[] = {"created", "updated", "deleted"};

// About 130 bytes each: a megabyte, and what a busy server says in several seconds.
constexpr std::size_t kRing = 8'192;
// A stream writes at most so many in one go.
constexpr std::size_t kAtOnce = 128;
constexpr std::chrono::seconds kStatsEvery{1};

using Counts = std::array<std::uint64_t, kTopics>;

// Events so far in these topics.
std::uint64_t number(const Counts& counts, const Topics& topics) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kTopics; ++i)
        if (topics[i]) sum += counts[i];
    return sum;
}

struct EventId {
    std::int64_t start = 0;
    std::uint64_t number = 0;
};

std::optional<EventId> parse_event_id(std::string_view text) {
    EventId id;
    const auto* end = text.data() + text.size();
    const auto start = std::from_chars(text.data(), end, id.start);
    if (start.ec != std::errc{} || start.ptr == end || *start.ptr != '-') return std::nullopt;
    const auto rest = std::from_chars(start.ptr + 1, end, id.number);
    if (rest.ec != std::errc{} || rest.ptr != end) return std::nullopt;
    return id;
}

bool same(const domain::BoardCounts& a, const domain::BoardCounts& b) {
    return a.total == b.total && a.active == b.active && a.running_jobs == b.running_jobs &&
           a.failed_jobs == b.failed_jobs;
}

std::string stats_text(const domain::BoardCounts& counts) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("total_jobs", counts.total);
    out.field("active_jobs", counts.active);
    out.field("inactive_jobs", counts.total - counts.active);
    out.field("running_jobs", counts.running_jobs);
    out.field("failed_jobs", counts.failed_jobs);
    out.end_object();
    return text;
}

}  // namespace

std::string_view to_text(Topic topic) { return kTopicNames[std::size_t(topic)]; }

std::optional<Topic> topic_from(std::string_view text) {
    const auto found = std::ranges::find(kTopicNames, text);
    if (found == std::end(kTopicNames)) return std::nullopt;
    return Topic(found - std::begin(kTopicNames));
}

// One stream's place in the ring.
class Events::Reader final : public Source {
public:
    Reader(Events& events, const Topics& topics, std::string_view last_id)
        : events_(events), topics_(topics) {
        begin(last_id);
    }

    bool reads_store() const override { return false; }

    Piece next() override {
        Piece piece;
        piece.bytes = std::move(greeting_);
        greeting_.clear();

        const std::scoped_lock lock(events_.mutex_);
        if (next_ < events_.first_) {  // the ring has moved on
            append_dropped(piece.bytes, number(events_.dropped_, topics_) - number_);
            number_ = number(events_.dropped_, topics_);
            next_ = events_.first_;
        }
        const std::uint64_t end = events_.first_ + events_.ring_.size();
        for (std::size_t written = 0; next_ < end && written < kAtOnce; ++next_) {
            const Event& event = events_.ring_[next_ - events_.first_];
            if (!topics_[std::size_t(event.topic)]) continue;
            number_ = number(event.counts, topics_);
            append(piece.bytes, event, id_of(number_));
            ++written;
        }
        piece.more = next_ < end;
        return piece;
    }

private:
    // Where to go on, and what to say first.
    void begin(std::string_view last_id) {
        const std::scoped_lock lock(events_.mutex_);
        next_ = events_.first_ + events_.ring_.size();
        number_ = number(events_.counts_, topics_);
        const bool resumed = last_id.empty() || resume(last_id);

        std::string hello;
        json::Writer out(hello);
        out.begin_object();
        out.field("server_time", events_.clock_.now());
        out.field("version", events_.version_);
        out.end_object();
        append_event(greeting_, "hello", id_of(number_), hello);
        if (!resumed)
            append_event(greeting_, "reset", {},
                         R"({"reason":"the id to resume after is unknown or too old"})");
    }

    bool resume(std::string_view last_id) {
        const auto id = parse_event_id(last_id);
        if (!id || id->start != events_.start_number_ || id->number > number_ ||
            id->number < number(events_.dropped_, topics_))
            return false;
        const auto& ring = events_.ring_;
        const auto found = std::ranges::partition_point(
            ring, [&](const Event& event) { return number(event.counts, topics_) <= id->number; });
        next_ = events_.first_ + std::uint64_t(found - ring.begin());
        number_ = id->number;
        return true;
    }

    std::string id_of(std::uint64_t event_number) const {
        return std::to_string(events_.start_number_) + "-" + std::to_string(event_number);
    }

    void append_dropped(std::string& out, std::uint64_t count) const {
        if (count == 0) return;
        append_event(out, "dropped", {}, "{\"count\":" + std::to_string(count) + "}");
    }

    Events& events_;
    const Topics topics_;
    std::string greeting_;
    std::uint64_t next_ = 1;    // sequence of the next event to look at
    std::uint64_t number_ = 0;  // of the newest one of our topics that we have passed
};

Events::Events(std::int64_t start_number, std::string version, const domain::Board& board,
               const Clock& clock)
    : start_number_(start_number),
      version_(std::move(version)),
      board_(board),
      clock_(clock),
      told_(board.counts()),
      told_at_(clock.steady()) {
    for (const auto& entry : board.all())
        jobs_[entry->number] = {entry->job->id, entry->job->version};
}

void Events::on_commit(const store::Commit& commit) {
    const std::scoped_lock lock(mutex_);
    for (const store::Change& change : commit.changes) add_change(change);
    add_stats();
    wake_readers();
}

void Events::on_health(const monitor::Health& health) {
    auto text = std::make_shared<const std::string>(health_json(health));
    const std::scoped_lock lock(mutex_);
    add({.topic = Topic::health, .text = std::move(text)});
    wake_readers();
}

void Events::turn() {
    const std::scoped_lock lock(mutex_);
    const auto before = first_ + ring_.size();
    add_stats();
    if (first_ + ring_.size() != before) wake_readers();
}

std::shared_ptr<Source> Events::open(const Topics& topics, std::string_view last_id) {
    auto reader = std::make_shared<Reader>(*this, topics, last_id);
    const std::scoped_lock lock(mutex_);
    std::erase_if(wakers_, [](const auto& waker) { return waker.expired(); });
    wakers_.push_back(reader->waker());
    return reader;
}

void Events::add(Event event) {
    ++counts_[std::size_t(event.topic)];
    event.counts = counts_;
    if (ring_.size() == kRing) {
        dropped_ = ring_.front().counts;
        ring_.pop_front();
        ++first_;
    }
    ring_.push_back(std::move(event));
}

void Events::add_change(const store::Change& change) {
    using What = store::Change::What;
    const auto known = jobs_.find(change.job);
    const Uuid job = known == jobs_.end() ? Uuid{} : known->second.id;
    switch (change.what) {
        case What::job: return add_job(change.job);
        case What::job_removed:
            if (known == jobs_.end()) return;
            add({.topic = Topic::job, .change = JobChange::deleted, .id = job});
            jobs_.erase(known);
            return;
        case What::run:
        case What::skip:
            return add({.topic = Topic::run, .status = change.after, .id = change.run, .job = job});
        case What::output: return add({.topic = Topic::output, .id = change.run, .job = job});
        case What::cancel_asked: return;  // the run's own change tells it
    }
}

// A job is put on the board anew at each of its slots; only another definition is news.
void Events::add_job(JobNumber number) {
    const auto entry = board_.find(number);
    if (!entry) return;
    const auto [known, is_new] = jobs_.try_emplace(number);
    if (!is_new && known->second.version == entry->job->version) return;
    known->second = {entry->job->id, entry->job->version};
    add({.topic = Topic::job,
         .change = is_new ? JobChange::created : JobChange::updated,
         .id = entry->job->id,
         .version = entry->job->version});
}

void Events::add_stats() {
    const Steady now = clock_.steady();
    if (now - told_at_ < kStatsEvery) return;
    const auto counts = board_.counts();
    if (same(counts, told_)) return;
    told_ = counts;
    told_at_ = now;
    add({.topic = Topic::stats, .text = std::make_shared<const std::string>(stats_text(counts))});
}

void Events::wake_readers() {
    for (const auto& weak : wakers_)
        if (const auto waker = weak.lock()) waker->wake();
}

void Events::append(std::string& out, const Event& event, std::string_view id) {
    if (event.text) return append_event(out, to_text(event.topic), id, *event.text);
    std::string data;
    json::Writer json(data);
    json.begin_object();
    json.field("id", event.id);
    if (event.topic == Topic::job) {
        json.field("change", kChangeNames[std::size_t(event.change)]);
        if (event.change != JobChange::deleted) json.field("version", event.version);
    } else {
        json.key("job");
        event.job == Uuid{} ? json.value(nullptr) : json.value(event.job);
        if (event.topic == Topic::run) json.field("status", to_text(event.status));
    }
    json.end_object();
    append_event(out, to_text(event.topic), id, data);
}

}  // namespace cjv::web
