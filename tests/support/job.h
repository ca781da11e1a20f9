#pragma once
// Jobs whose boring parts are filled in: a test mentions only what matters to it.

#include "base/iso8601.h"
#include "domain/board.h"
#include "domain/job.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

namespace cjv::support {

// "02:30" or "02:30:15" of the day on which most tests happen.
inline Instant at(const std::string& time) {
    const auto instant = parse_iso8601("2026-12-01T" + time + (time.size() == 5 ? ":00Z" : "Z"));
    if (!instant) throw std::invalid_argument(time);
    return *instant;
}

class JobBuilder {
public:
    JobBuilder() {
        entry_.number = JobNumber{1};
        job_.kind = domain::Kind::command;
        job_.task = "true";
        job_.target = R"({"argv":["true"]})";
        job_.owner = UserNumber{1};
        every("1 hour");
    }

    JobBuilder& number(std::int64_t number) {
        entry_.number = JobNumber{number};
        return *this;
    }
    JobBuilder& name(std::string name) {
        job_.name = std::move(name);
        return *this;
    }
    // "5 minutes", counted from the epoch.
    JobBuilder& every(const std::string& interval) {
        return schedule("every " + interval, schedule::Type::interval);
    }
    JobBuilder& cron(const std::string& text, std::shared_ptr<const schedule::Zone> zone = {}) {
        return schedule(text, schedule::Type::cron, std::move(zone));
    }
    JobBuilder& celery(const std::string& task) {
        job_.kind = domain::Kind::celery;
        job_.task = task;
        job_.target = R"({"task":")" + task + R"("})";
        job_.overlap = domain::Overlap::allow;
        return *this;
    }
    // Comes before the schedule that is kept to it.
    JobBuilder& window(Instant start, Instant end) {
        job_.window = {start, end};
        return *this;
    }
    JobBuilder& next(Instant slot) {
        entry_.next_slot = slot;
        return *this;
    }
    JobBuilder& misfire(domain::Misfire misfire, std::int64_t limit = 100) {
        job_.misfire = misfire;
        job_.misfire_limit = limit;
        return *this;
    }
    JobBuilder& misfire_window(std::chrono::seconds window) {
        job_.misfire_window = window.count();
        return *this;
    }
    JobBuilder& timeout(std::int64_t seconds) {
        job_.timeout = seconds;
        return *this;
    }
    JobBuilder& overlap(domain::Overlap overlap) {
        job_.overlap = overlap;
        return *this;
    }
    JobBuilder& inactive() {
        job_.is_active = false;
        return *this;
    }
    JobBuilder& last(domain::Status status) {
        entry_.last_status = status;
        return *this;
    }
    JobBuilder& running(std::int32_t count) {
        entry_.running_count = entry_.open_count = count;
        return *this;
    }

    domain::Job job() const {
        domain::Job job = job_;
        for (int i = 0; i < 8; ++i)
            job.id.bytes[15 - i] = std::uint8_t(entry_.number.value >> 8 * i);
        if (job.name.empty()) job.name = "job " + std::to_string(entry_.number.value);
        return job;
    }
    domain::EntryPtr entry() const {
        domain::Entry entry = entry_;
        entry.job = std::make_shared<const domain::Job>(job());
        return std::make_shared<const domain::Entry>(std::move(entry));
    }

private:
    JobBuilder& schedule(const std::string& text, schedule::Type type,
                         std::shared_ptr<const schedule::Zone> zone = {}) {
        auto parsed = schedule::Schedule::parse(
            text, {.type = type, .zone = std::move(zone), .window = job_.window});
        if (!parsed) throw std::invalid_argument(schedule::sentence(parsed.error()));
        job_.schedule_text = text;
        job_.schedule_type = type;
        job_.schedule = *std::move(parsed);
        return *this;
    }

    domain::Entry entry_{};
    domain::Job job_;
};

inline JobBuilder a_job() { return {}; }

}  // namespace cjv::support
