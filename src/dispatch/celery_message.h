#pragma once
// What Celery's workers get of a run: its job's target as a message of protocol 2, and the list that it goes
// to. Pure: the same job and run give the same bytes.

#include "base/json_tape.h"
#include "dispatch/celery_target.h"
#include "store/batch.h"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace cjv::dispatch {

// Keeps what it has read of each job. For one thread at a time.
class CeleryEncoder {
public:
    explicit CeleryEncoder(CelerySettings settings);
    ~CeleryEncoder();
    CeleryEncoder(CeleryEncoder&&) noexcept;

    // Nothing for a job of another kind, and for what no worker may be sent: see refusal().
    std::optional<store::Message> operator()(const domain::Job& job, const domain::Run& run);
    // Why there is no message, as a sentence; empty: there is one.
    std::string refusal(const domain::Job& job, const domain::Run& run);

private:
    struct Prepared;
    const Prepared& prepared(const domain::Job& job);
    Prepared prepare(const domain::Job& job, std::string_view overrides);

    CelerySettings settings_;
    json::Tape tape_;
    std::unordered_map<Uuid, std::unique_ptr<Prepared>> kept_;  // by job
};

}  // namespace cjv::dispatch
