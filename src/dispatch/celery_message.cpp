#include "dispatch/celery_message.h"

#include "base/iso8601.h"
#include "base/json.h"
#include "celery/python_repr.h"
#include "celery/task_message.h"
#include "celery/task_refusal.h"

#include <utility>

namespace cjv::dispatch {

// A job's target, read once.
struct CeleryEncoder::Prepared {
    std::int64_t version = 0;
    std::string refusal;  // a sentence; empty: it may be sent
    std::string list;

    std::string task, queue, job_id, job_name;
    std::string args = "[]", kwargs = "{}", argsrepr, kwargsrepr, headers;
    std::optional<double> time_limit, soft_time_limit;
    std::optional<bool> ignore_result;
    std::optional<std::chrono::microseconds> expires_after;
    std::optional<Instant> expires_at;
    int priority = 0;

    celery::TaskMessage message() const {
        celery::TaskMessage message{.task = task, .id = "-", .delivery_tag = "-"};
        message.args = args;
        message.kwargs = kwargs;
        message.argsrepr = argsrepr;
        message.kwargsrepr = kwargsrepr;
        message.headers = headers;
        message.time_limit = time_limit;
        message.soft_time_limit = soft_time_limit;
        message.ignore_result = ignore_result;
        message.queue = queue;
        message.priority = priority;
        message.expires = expires_at;
        return message;
    }
};

namespace {

std::chrono::microseconds from_seconds(double seconds) {
    return std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::duration<double>(seconds));
}

std::string text_of(const json::Value& target, std::string_view name) {
    const auto value = target.find(name);
    return std::string(value ? value->as_string().value_or("") : "");
}

std::optional<double> seconds_of(const json::Value& target, std::string_view name) {
    const auto value = target.find(name);
    return value ? value->as_double() : std::nullopt;
}

void take_raw(const json::Value& object, std::string_view name, std::string& into) {
    if (const auto value = object.find(name); value && !value->is_null()) into = value->raw();
}

std::string sentence(const std::vector<FieldError>& errors) {
    std::string text;
    for (const FieldError& error : errors)
        text += (text.empty() ? "target." : " target.") + error.path + ": " + error.message;
    return text;
}

}  // namespace

bool matches_glob(std::string_view glob, std::string_view text) {
    // Where the newest star is, and how much of the text it has taken: on a mismatch it takes one more.
    std::size_t at = 0, star = glob.npos, taken = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (at < glob.size() && glob[at] == '*') {
            star = at++;
            taken = i;
        } else if (at < glob.size() && (glob[at] == '?' || glob[at] == text[i])) {
            ++at;
            ++i;
        } else if (star != glob.npos) {
            at = star + 1;
            i = ++taken;
        } else {
            return false;
        }
    }
    while (at < glob.size() && glob[at] == '*') ++at;
    return at == glob.size();
}

CeleryEncoder::CeleryEncoder(CelerySettings settings) : settings_(std::move(settings)) {}
CeleryEncoder::~CeleryEncoder() = default;
CeleryEncoder::CeleryEncoder(CeleryEncoder&&) noexcept = default;

CeleryEncoder::Prepared CeleryEncoder::prepare(const domain::Job& job, std::string_view overrides) {
    Prepared made;
    made.version = job.version;
    made.task = job.task;
    made.job_id = to_text(job.id);
    made.job_name = job.name;
    const auto target = json::parse(job.target);
    if (!target) {
        made.refusal = "The job's target cannot be read: " + target.error().what + ".";
        return made;
    }
    take_raw(*target, "args", made.args);
    take_raw(*target, "kwargs", made.kwargs);
    take_raw(*target, "headers", made.headers);
    if (!overrides.empty()) {
        const auto given = json::parse(overrides);
        if (!given) {
            made.refusal = "The run's arguments cannot be read: " + given.error().what + ".";
            return made;
        }
        take_raw(*given, "args", made.args);
        take_raw(*given, "kwargs", made.kwargs);
    }
    made.argsrepr = celery::args_repr(tape_, made.args);
    made.kwargsrepr = celery::kwargs_repr(tape_, made.kwargs);
    made.time_limit = seconds_of(*target, "time_limit");
    made.soft_time_limit = seconds_of(*target, "soft_time_limit");
    if (const auto ignore = target->find("ignore_result")) made.ignore_result = ignore->as_bool();
    if (const auto priority = target->find("priority"))
        made.priority = int(priority->as_int64().value_or(0));
    if (const auto expires = seconds_of(*target, "expires"))
        made.expires_after = from_seconds(*expires);
    else
        made.expires_at = parse_iso8601(text_of(*target, "expires"));

    made.queue = text_of(*target, "queue");
    if (made.queue.empty() && !text_of(*target, "exchange").empty()) {
        made.refusal =
            "target.exchange: this version cannot ask the broker which queues an exchange feeds. "
            "Name the queue in target.queue.";
        return made;
    }
    for (const auto& [task, queue] : settings_.routes)
        if (made.queue.empty() && matches_glob(task, job.task)) made.queue = queue;
    if (made.queue.empty()) made.queue = settings_.default_queue;
    made.list = celery::queue_key(settings_.transport, made.queue, made.priority);
    made.refusal = sentence(celery::refusals(made.message(), settings_.transport));
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
    celery::TaskMessage message = what.message();
    message.id = message.delivery_tag = id;
    message.origin = settings_.origin;
    message.sent_at = run.decided_at.value_or(run.at);
    if (what.expires_after) message.expires = run.at + *what.expires_after;
    message.provenance =
        celery::Provenance{.run_id = id,
                           .job_id = what.job_id,
                           .scheduled_for = run.slot,
                           .attempt = run.attempt,
                           .periodic_task_name = run.slot ? std::string_view(what.job_name) : ""};
    store::Message sent{.list = what.list, .bytes = {}};
    celery::encode(message, sent.bytes);
    return sent;
}

std::string CeleryEncoder::refusal(const domain::Job& job, const domain::Run& run) {
    return run.overrides.empty() ? prepared(job).refusal : prepare(job, run.overrides).refusal;
}

}  // namespace cjv::dispatch
