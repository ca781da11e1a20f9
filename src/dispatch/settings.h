#pragma once
// What of the configuration the leaving of runs depends on.

#include "runner/process.h"

#include "domain/job.h"
#include "domain/run.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace cjv::dispatch {

struct Settings {
    std::string path;                     // where commands are looked up, and their PATH
    std::string home;                     // their HOME, and their folder unless a job has its own
    bool shell = false;                   // whether a job may ask for a shell
    std::int64_t concurrency = 64;        // local runs at once
    bool hold = true;                     // make processes before their instant
    std::uint64_t output_head = 4 << 20;  // bytes
    std::uint64_t output_tail = 12 << 20;
    std::int64_t retention_days = 30;
    std::string worker = "local";  // who runs them, for the record
    runner::Patience patience = {};
    // When a run whose change the database has refused is tried again.
    std::chrono::milliseconds refused_again = std::chrono::minutes{1};
    // Why a run of kind celery that has no message cannot be delivered. Empty: there is no broker.
    std::function<std::string(const domain::Job&, const domain::Run&)> celery_refusal = {};
};

}  // namespace cjv::dispatch
