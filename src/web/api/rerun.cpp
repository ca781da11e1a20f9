#include "web/api/rerun.h"

#include <fmt/format.h>

#include "base/iso8601.h"
#include "domain/fields.h"
#include "domain/rights.h"
#include "web/auth.h"
#include "web/gate.h"

namespace cjv::web {
namespace {

using domain::Run;

Error forbidden() {
    return {Errc::forbidden, "You do not have permission to perform this action."};
}

// Why this run cannot be repeated; empty: it can.
std::string obstacle(const Run& run, const domain::EntryPtr& entry) {
    if (!is_final(run.status)) return "The run has not ended: wait for it, or cancel it.";
    if (!run.job) return "Others sent this task: only a run of a job can be run again.";
    if (!entry) return "The run's job was deleted.";
    return "";
}

// A job's definition is not kept with each run; what the run itself was given is.
std::string note_on(const Run& run, const domain::Job& job) {
    if (job.updated_at <= run.decided_at) return "";
    return fmt::format(
        "The job was changed at {}, after the run that this one repeats: what that run was not "
        "given "
        "itself is as the job has it now.",
        to_iso8601(job.updated_at));
}

}  // namespace

Response rerun_log(const Request& request, Context& app) {
    const auto id = path_id(request);
    if (!id) return problem(request, id.error());
    const auto found = app.store.find_run(RunId(*id));
    if (!found) return problem(request, found.error());
    if (!*found) return problem(request, Error{Errc::not_found, "Not found."});
    const Run& run = **found;
    const auto entry = app.store.board().find(run.job);
    const domain::User& user = request.caller->user;
    if (!may_change(user, entry ? entry->job->owner : UserNumber{}))
        return problem(request, forbidden());
    // Its environment may be one that this person must not set.
    if (entry && entry->job->kind == domain::Kind::command && !run.overrides.empty() &&
        !user.is_superuser && run.asked_by != user.number)
        return problem(request, forbidden());

    const auto body = read_object(request);
    if (!body) return problem(request, body.error());
    std::vector<FieldError> errors;
    domain::Fields fields(*body, "", errors);
    const bool force = fields.boolean("force").value_or(false);
    fields.refuse_unknown({"csrfmiddlewaretoken"});
    if (!errors.empty()) return problem(request, domain::refuse_all(std::move(errors)).error());
    if (std::string why = obstacle(run, entry); !why.empty())
        return problem(request, Error{Errc::conflict, std::move(why)});

    const auto again = app.store.ask_run({.job = run.job,
                                          .force = force,
                                          .overrides = run.overrides,
                                          .rerun_of = run.id,
                                          .note = note_on(run, *entry->job)},
                                         actor_of(request));
    if (!again) return problem(request, again.error());
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("status", "success");
    out.field("message", "Job \"" + entry->job->name + "\" was started again.");
    out.field("log_id", again->id);
    out.end_object();
    return json(202, std::move(text));
}

}  // namespace cjv::web
