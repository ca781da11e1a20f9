#pragma once
// What is known of one worker, from its events. When each came is told by our own clock; how old
// the news itself is, by the worker's.

#include "base/clock.h"
#include "celery/event.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace cjv::celery {

enum class WorkerPhase : std::uint8_t {
    online,   // heard of within two heartbeats
    late,     // within three and ten seconds
    offline,  // it said goodbye, or is silent
    gone,     // offline for a day: shown no more
};
std::string_view to_text(WorkerPhase phase);

class WorkerState {
public:
    // Takes an event of this worker that came at `received_at`, by our clock. Events may come twice
    // and in any order: older news never replaces newer.
    void apply(const Event& event, Instant received_at);

    // It answered a question at `at`, by our clock. One that sends no heartbeats is asked every `freq`.
    void hear(Instant at, std::chrono::seconds freq);

    // A worker with a solo pool is silent while it works: with `solo` and a run of ours it is late
    // at worst.
    WorkerPhase phase(Instant now, bool solo = false, bool has_run = false) const;
    // When it becomes late, offline or gone without a word; for a timer. Nothing when it is gone.
    std::optional<Instant> changes_at(Instant now) const;

    Instant last_seen() const { return last_seen_; }                           // by our clock
    std::optional<Instant> last_heartbeat() const { return last_heartbeat_; }  // by our clock
    // By its own clock: when it came online, as far as we heard. A new value, or a new pid: it was
    // started again, and forgot revokes and switched-on events.
    std::optional<Instant> online_since() const { return online_since_; }
    std::int64_t pid() const { return pid_; }
    double freq() const { return freq_; }  // seconds between heartbeats
    std::optional<std::int64_t> active() const { return active_; }
    std::optional<std::int64_t> processed() const { return processed_; }
    std::optional<std::array<double, 3>> loadavg() const { return loadavg_; }
    // "py-celery 5.7.0 (Linux)"; empty until it was told.
    const std::string& software() const { return software_; }
    const std::string& version() const { return version_; }  // "5.7.0"
    // Its clock minus ours, of the last few heartbeats the one that travelled fastest. What it
    // travelled makes it look that much slow.
    std::optional<std::chrono::microseconds> clock_offset() const;

private:
    void apply_worker_event(const Event& event, Instant received_at);

    Instant last_seen_{};
    Instant newest_at_{};  // by its own clock, as are the next two
    std::optional<Instant> offline_at_;
    std::optional<Instant> online_since_;
    std::optional<Instant> last_heartbeat_;
    Instant heartbeat_at_{};
    std::int64_t pid_ = 0;
    double freq_ = 2.0;
    std::optional<std::int64_t> active_, processed_;
    std::optional<std::array<double, 3>> loadavg_;
    std::string software_, version_;
    std::array<std::chrono::microseconds, 8> offsets_{};
    std::size_t offsets_seen_ = 0;
};

}  // namespace cjv::celery
