#include "dispatch/celery_message.h"

#include "celery/binding.h"
#include "celery/python_repr.h"
#include "celery/task_message.h"

#include <cstdint>
#include <utility>

namespace cjv::dispatch {

// A job's target, read once.
struct CeleryEncoder::Prepared {
    std::string refusal = {};  // a sentence; empty: it may be sent
    std::string list = {};

    std::string job_id = {}, job_name = {};
    std::string text = {};  // of the target
    CeleryTarget target = {};
    std::string argsrepr = {}, kwargsrepr = {};

    // By what it was made of: an edit that was rolled back and the one after it have the same version.
    bool is_of(const domain::Job& job) const { return job_name == job.name && text == job.target; }
};

namespace {

constexpr std::size_t kKept = 10'000;  // some 20 MB

std::string sentence(const std::vector<FieldError>& errors) {
    std::string text;
    for (const FieldError& error : errors)
        text += (text.empty() ? "target." : " target.") + error.path + ": " + error.message;
    return text;
}

}  // namespace

CeleryEncoder::CeleryEncoder(CelerySettings settings) : settings_(std::move(settings)) {}
CeleryEncoder::~CeleryEncoder() = default;

CeleryEncoder::Prepared CeleryEncoder::prepare(const domain::Job& job, std::string_view overrides) {
    Prepared made{.job_id = to_text(job.id), .job_name = job.name, .text = job.target};
    auto target = read_celery_target(job.target, overrides, settings_.routes, tape_);
    if (!target) {
        made.refusal = target.error().what;
        return made;
    }
    made.target = *std::move(target);
    made.argsrepr = celery::args_repr(tape_, made.target.args);
    made.kwargsrepr = celery::kwargs_repr(tape_, made.target.kwargs);
    made.refusal = sentence(refusals(made.target, settings_.transport, tape_));
    const celery::Transport& transport = settings_.transport;
    made.list = made.target.exchange.empty()
                    ? celery::queue_key(transport, made.target.queue, made.target.priority)
                    : celery::to_text(celery::ExchangeAddress{
                          .exchange = made.target.exchange,
                          .routing_key = made.target.routing_key,
                          .priority = celery::priority_step(transport, made.target.priority)});
    return made;
}

CeleryEncoder::PreparedPtr CeleryEncoder::kept(const domain::Job& job) {
    PreparedPtr& place = recent_[job.id];
    if (!place)
        if (const auto found = former_.find(job.id); found != former_.end())
            place = std::move(found->second);
    if (!place || !place->is_of(job)) place = std::make_shared<const Prepared>(prepare(job, {}));
    PreparedPtr made = place;
    if (recent_.size() >= kKept) former_ = std::exchange(recent_, {});
    return made;
}

CeleryEncoder::PreparedPtr CeleryEncoder::prepared(const domain::Job& job, const domain::Run& run) {
    const std::scoped_lock lock(mutex_);
    if (run.overrides.empty()) return kept(job);
    return std::make_shared<const Prepared>(prepare(job, run.overrides));
}

std::optional<store::Message> CeleryEncoder::operator()(const domain::Job& job,
                                                        const domain::Run& run) {
    if (job.kind != domain::Kind::celery) return std::nullopt;
    const PreparedPtr held = prepared(job, run);
    const Prepared& what = *held;
    if (!what.refusal.empty()) return std::nullopt;

    const std::string id = to_text(run.id);
    celery::TaskMessage message = what.target.message();
    message.id = message.delivery_tag = id;
    message.argsrepr = what.argsrepr;
    message.kwargsrepr = what.kwargsrepr;
    message.origin = settings_.origin;
    message.sent_at = run.decided_at.value_or(run.at);
    message.expires = what.target.expires(run.at);
    message.provenance =
        celery::Provenance{.run_id = id,
                           .job_id = what.job_id,
                           .scheduled_for = run.slot,
                           .attempt = run.attempt,
                           .periodic_task_name = run.slot ? std::string_view(what.job_name) : ""};
    store::Message sent{.list = what.list, .bytes = {}, .expires = message.expires};
    celery::encode(message, sent.bytes);
    return sent;
}

std::string CeleryEncoder::refusal(const domain::Job& job, const domain::Run& run) {
    return prepared(job, run)->refusal;
}

}  // namespace cjv::dispatch
