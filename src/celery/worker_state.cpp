#include "celery/worker_state.h"

#include <algorithm>
#include <cmath>

namespace cjv::celery {
namespace {

using namespace std::chrono;

constexpr double kLeastFreq = 0.5, kMostFreq = 3'600;
constexpr auto kGraceOfLate = seconds{10};
constexpr auto kGoneAfter = hours{24};

microseconds heartbeats(double count, double freq) {
    return microseconds{std::llround(count * freq * 1e6)};
}

std::string software_of(const Event& event) {
    std::string text(event.sw_ident);
    if (!event.sw_ver.empty()) text += (text.empty() ? "" : " ") + std::string(event.sw_ver);
    if (!event.sw_sys.empty())
        text += (text.empty() ? "(" : " (") + std::string(event.sw_sys) + ")";
    return text;
}

}  // namespace

std::string_view to_text(WorkerPhase phase) {
    constexpr std::array<std::string_view, 4> kNames = {"online", "late", "offline", "gone"};
    return kNames[static_cast<std::size_t>(phase)];
}

void WorkerState::apply(const Event& event, Instant received_at) {
    if (event.type == EventType::task_sent) return;  // a client's word, not a worker's
    last_seen_ = std::max(last_seen_, received_at);
    if (event.at > newest_at_ || pid_ == 0) {
        newest_at_ = std::max(newest_at_, event.at);
        if (event.pid != 0) pid_ = event.pid;
    }
    if (offline_at_ && event.at > *offline_at_) offline_at_.reset();
    if (!is_task(event.type)) apply_worker_event(event, received_at);
}

void WorkerState::hear(Instant at, seconds freq) {
    last_seen_ = std::max(last_seen_, at);
    if (!last_heartbeat_) freq_ = static_cast<double>(freq.count());
}

void WorkerState::apply_worker_event(const Event& event, Instant received_at) {
    if (event.type == EventType::worker_online)
        online_since_ = std::max(online_since_.value_or(event.at), event.at);
    if (event.type == EventType::worker_offline) {
        if (event.at >= newest_at_) offline_at_ = event.at;
    } else {
        last_heartbeat_ = std::max(last_heartbeat_.value_or(received_at), received_at);
    }
    const bool is_news = event.at > heartbeat_at_;
    if (!is_news) return;
    heartbeat_at_ = event.at;
    offsets_[offsets_seen_++ % offsets_.size()] = event.at - received_at;
    if (event.freq && *event.freq > 0) freq_ = std::clamp(*event.freq, kLeastFreq, kMostFreq);
    if (event.active) active_ = event.active;
    if (event.processed) processed_ = event.processed;
    if (event.loadavg) loadavg_ = event.loadavg;
    if (!event.sw_ident.empty()) software_ = software_of(event);
    if (!event.sw_ver.empty()) version_ = event.sw_ver;
}

WorkerPhase WorkerState::phase(Instant now, bool solo, bool has_run) const {
    if (now - last_seen_ >= kGoneAfter && !(solo && has_run)) return WorkerPhase::gone;
    if (offline_at_) return WorkerPhase::offline;
    if (now - last_seen_ <= heartbeats(2, freq_)) return WorkerPhase::online;
    if ((solo && has_run) || now - last_seen_ <= heartbeats(3, freq_) + kGraceOfLate)
        return WorkerPhase::late;
    return WorkerPhase::offline;
}

std::optional<Instant> WorkerState::changes_at(Instant now) const {
    constexpr auto kThen = microseconds{1};
    const auto next = [&]() -> std::optional<Instant> {
        switch (phase(now)) {
            case WorkerPhase::online: return last_seen_ + heartbeats(2, freq_) + kThen;
            case WorkerPhase::late: return last_seen_ + heartbeats(3, freq_) + kGraceOfLate + kThen;
            case WorkerPhase::offline: return last_seen_ + kGoneAfter;
            default: return std::nullopt;
        }
    };
    return next();
}

std::optional<microseconds> WorkerState::clock_offset() const {
    const auto known = std::min(offsets_seen_, offsets_.size());
    if (known == 0) return std::nullopt;
    return *std::max_element(offsets_.begin(), offsets_.begin() + std::ptrdiff_t(known));
}

}  // namespace cjv::celery
