#pragma once
// What Celery's workers get of a run: its job's target as a message of protocol 2, and the list that it goes
// to. Pure: the same job and run give the same bytes.

#include "base/json_tape.h"
#include "dispatch/celery_target.h"
#include "store/batch.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace cjv::dispatch {

// Keeps what it has read of the 10,000 jobs that were asked for last, and of some before them. Any thread.
class CeleryEncoder {
public:
    explicit CeleryEncoder(CelerySettings settings);
    ~CeleryEncoder();

    // Nothing for a job of another kind, and for what no worker may be sent: see refusal().
    std::optional<store::Message> operator()(const domain::Job& job, const domain::Run& run);
    // Why there is no message, as a sentence; empty: there is one.
    std::string refusal(const domain::Job& job, const domain::Run& run);

private:
    struct Prepared;
    using PreparedPtr = std::shared_ptr<const Prepared>;
    PreparedPtr prepared(const domain::Job& job, const domain::Run& run);
    PreparedPtr kept(const domain::Job& job);
    Prepared prepare(const domain::Job& job, std::string_view overrides);

    const CelerySettings settings_;
    std::mutex mutex_;  // guards what follows
    json::Tape tape_;
    // By job. Those of `former_` that nobody asks for go when `recent_` is full.
    std::unordered_map<Uuid, PreparedPtr> recent_, former_;
};

}  // namespace cjv::dispatch
