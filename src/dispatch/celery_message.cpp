#include "dispatch/celery_message.h"

#include "celery/binding.h"
#include "celery/python_repr.h"
#include "celery/task_message.h"

#include <cstdint>
#include <utility>

namespace cjv::dispatch {

// A job's target, read once.
struct CeleryEncoder::Prepared {
    std::int64_t version = 0;
    std::string refusal = {};  // a sentence; empty: it may be sent
    std::string list = {};

    std::string job_id = {}, job_name = {};
    CeleryTarget target = {};
    std::string argsrepr = {}, kwargsrepr = {};
};

namespace {

std::string sentence(const std::vector<FieldError>& errors) {
    std::string text;
    for (const FieldError& error : errors)
        text += (text.empty() ? "target." : " target.") + error.path + ": " + error.message;
    return text;
}

}  // namespace

CeleryEncoder::CeleryEncoder(CelerySettings settings) : settings_(std::move(settings)) {}
CeleryEncoder::~CeleryEncoder() = default;
CeleryEncoder::CeleryEncoder(CeleryEncoder&&) noexcept = default;

CeleryEncoder::Prepared CeleryEncoder::prepare(const domain::Job& job, std::string_view overrides) {
    Prepared made{.version = job.version, .job_id = to_text(job.id), .job_name = job.name};
    auto target = read_celery_target(job.target, overrides, settings_.routes);
    if (!target) {
        made.refusal = target.error().what;
        return made;
    }
    made.target = *std::move(target);
    made.argsrepr = celery::args_repr(tape_, made.target.args);
    made.kwargsrepr = celery::kwargs_repr(tape_, made.target.kwargs);
    made.refusal = sentence(refusals(made.target, settings_.transport));
    const celery::Transport& transport = settings_.transport;
    made.list = made.target.exchange.empty()
                    ? celery::queue_key(transport, made.target.queue, made.target.priority)
                    : celery::to_text(celery::ExchangeAddress{
                          .exchange = made.target.exchange,
                          .routing_key = made.target.routing_key,
                          .priority = celery::priority_step(transport, made.target.priority)});
    return made;
}

const CeleryEncoder::Prepared& CeleryEncoder::prepared(const domain::Job& job) {
    auto& kept = kept_[job.id];
    if (!kept || kept->version != job.version) kept = std::make_unique<Prepared>(prepare(job, {}));
    return *kept;
}

std::optional<store::Message> CeleryEncoder::operator()(const domain::Job& job,
                                                        const domain::Run& run) {
    if (job.kind != domain::Kind::celery) return std::nullopt;
    std::optional<Prepared> own;  // a run with arguments of its own
    if (!run.overrides.empty()) own = prepare(job, run.overrides);
    const Prepared& what = own ? *own : prepared(job);
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
    return run.overrides.empty() ? prepared(job).refusal : prepare(job, run.overrides).refusal;
}

}  // namespace cjv::dispatch
