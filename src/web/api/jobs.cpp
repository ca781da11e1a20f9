// /api/cron-jobs/: jobs, and what one does with them. What a job may look like is domain/job_json's business,
// which jobs a list shows is job_query's.

#include "web/api/jobs.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <tuple>

#include "base/iso8601.h"
#include "domain/fields.h"
#include "domain/job_json.h"
#include "domain/rights.h"
#include "domain/target_json.h"
#include "web/api/job_query.h"
#include "web/api/job_view.h"
#include "web/api/paging.h"
#include "web/api/run_view.h"

namespace cjv::web {
namespace {

using domain::Entry;
using domain::EntryPtr;

constexpr std::int64_t kNewestRuns = 50;
constexpr std::int64_t kMostUpcoming = 500;
constexpr std::string_view kNotPermitted = "You do not have permission to perform this action.";

JobViewing viewing(const Context& app) {
    return {app.zones, app.job_texts,
            [&app](UserNumber number) { return app.store.find_user(number); }};
}

std::string owner_name(const Context& app, UserNumber number) {
    if (!number) return "system";
    const auto user = app.store.find_user(number);
    return user ? user->username : "";
}

store::Actor actor(const Request& request) { return {.user = request.caller->user.number}; }

domain::CommandsBy commands_by(const Config& config) {
    switch (config.runner.commands) {
        case CommandsAllowed::off: return domain::CommandsBy::off;
        case CommandsAllowed::superusers: return domain::CommandsBy::superusers;
        case CommandsAllowed::owners: return domain::CommandsBy::owners;
    }
    return domain::CommandsBy::off;
}

Result<EntryPtr> find_job(const Request& request, const Context& app) {
    const auto id = path_id(request);
    if (!id) return std::unexpected(id.error());
    auto entry = app.store.board().find(*id);
    if (!entry) return fail(Errc::not_found, "Not found.");
    return entry;
}

// The job, if the caller may change it.
Result<EntryPtr> find_own_job(const Request& request, const Context& app) {
    auto entry = find_job(request, app);
    if (entry && !may_change(request.caller->user, (*entry)->job->owner))
        return fail(Errc::forbidden, std::string(kNotPermitted));
    return entry;
}

// Whether the header If-Match, where it is, names the job as it is now.
bool is_stale(const Request& request, const domain::Job& job) {
    const auto wanted = request.header("If-Match");
    if (wanted.empty() || wanted == "*") return false;
    for (std::string_view tag : split_list(wanted)) {
        while (tag.starts_with(' ')) tag.remove_prefix(1);
        if (tag == etag_of(job)) return false;
    }
    return true;
}

std::string job_text(const Entry& entry, const Context& app) {
    std::string text;
    json::Writer out(text);
    write_job(out, entry, viewing(app));
    return text;
}

Response stale(const Request& request, const Entry& entry, const Context& app) {
    const std::string current = job_text(entry, app);
    return problem(request,
                   Error{Errc::stale, "The job was changed since you read it. Read it again."},
                   json::Raw{current});
}

// The store has refused a change of what was read as `entry`: perhaps somebody was faster.
Response not_changed(const Request& request, const Entry& entry, const Error& error,
                     const Context& app) {
    if (error.code != Errc::stale) return problem(request, error);
    const auto now = app.store.board().find(entry.number);
    return now ? stale(request, *now, app) : problem(request, Error{Errc::not_found, "Not found."});
}

Response job_answer(int status, const Entry& entry, const Context& app) {
    Response response = json(status, job_text(entry, app));
    add_header(response, "ETag", etag_of(*entry.job));
    return response;
}

domain::JobReading reading(const Request& request, const Context& app) {
    domain::JobReading how;
    how.now = request.now;
    how.zones = &app.zones;
    how.user = &request.caller->user;
    how.commands_by = commands_by(app.config);
    how.shell_allowed = app.config.runner.shell;
    how.celery_check = app.celery_check;
    return how;
}

// An owner must be somebody; who may name one is domain/job_json's business.
Result<void> check_owner(const domain::Job& job, const Context& app) {
    if (!job.owner || app.store.find_user(job.owner)) return {};
    return refuse(
        "owner_id", "does_not_exist",
        "Invalid pk \"" + std::to_string(job.owner.value) + "\" - object does not exist.");
}

Response change_job(const Request& request, Context& app, bool partial) {
    const auto entry = find_own_job(request, app);
    if (!entry) return problem(request, entry.error());
    const auto body = read_object(request);
    if (!body) return problem(request, body.error());

    domain::JobReading how = reading(request, app);
    how.before = (*entry)->job.get();
    how.partial = partial;
    auto job = read_job(*body, how);
    if (!job) return problem(request, job.error());
    if (const auto known = check_owner(*job, app); !known) return problem(request, known.error());
    if (is_stale(request, *(*entry)->job)) return stale(request, **entry, app);

    const auto changed = app.store.update_job((*entry)->number, (*entry)->job->version,
                                              std::move(*job), actor(request));
    if (changed) return job_answer(200, **changed, app);
    return not_changed(request, **entry, changed.error(), app);
}

JobLabel label_of(const domain::Job& job) {
    return {job.id, job.name, job.task, job.kind == domain::Kind::celery};
}

std::optional<std::string> user_name(const Context& app, UserNumber number) {
    const auto user = number ? app.store.find_user(number) : std::nullopt;
    if (!user) return std::nullopt;
    return user->username;
}

// The arguments of a Celery task for one run, digit for digit; empty: those of the job. Where one kind is given
// the job's other kind is kept with it, so that the run can be repeated when the job has changed.
std::string read_arguments(domain::Fields& fields, const domain::Job& job) {
    const auto target = json::parse(job.target);
    std::string text;
    json::Writer out(text);
    out.begin_object();
    bool is_given = false;
    const auto add = [&](const char* name, json::Kind kind, const char* expected) {
        auto value = fields.value(name);
        if (value && value->is_null()) value.reset();
        if (value && value->kind() != kind) return fields.refuse(name, "invalid", expected);
        is_given = is_given || value;
        if (!value && target) value = target->find(name);
        if (value) out.field(name, json::Raw{value->raw()});
    };
    add("args", json::Kind::array, "Expected a list of items.");
    add("kwargs", json::Kind::object, "Expected a dictionary of items.");
    out.end_object();
    return is_given ? text : "";
}

// Arguments that no worker could take.
void check_arguments(const std::string& arguments, const Context& app,
                     std::vector<FieldError>& errors) {
    if (arguments.empty() || !app.celery_check) return;
    // Which task it is changes nothing; a target has to name one.
    const std::string target = R"({"task":"-",)" + arguments.substr(1);
    std::ranges::move(app.celery_check(target), std::back_inserter(errors));
}

// What a run of another kind takes is refused by name.
void refuse_foreign(domain::Fields& fields, domain::Kind kind) {
    const auto refuse = [&](const char* name, domain::Kind owner) {
        if (kind != owner && fields.has_value(name))
            fields.refuse(name, "invalid",
                          "A job of kind " + std::string(to_text(kind)) + " does not take this.");
    };
    refuse("env", domain::Kind::command);
    refuse("args", domain::Kind::celery);
    refuse("kwargs", domain::Kind::celery);
}

// Reads what run_now was given for this run alone.
Result<store::AskedRun> read_asked_run(const Request& request, const Context& app,
                                       const Entry& entry) {
    const auto body = read_object(request);
    if (!body) return std::unexpected(body.error());
    store::AskedRun asked{.job = entry.number};
    const domain::User& user = request.caller->user;
    const bool is_command = entry.job->kind == domain::Kind::command;

    std::vector<FieldError> errors;
    domain::Fields fields(*body, "", errors);
    asked.force = fields.boolean("force").value_or(false);
    fields.only_null("logical_time");
    if (entry.job->kind == domain::Kind::celery) {
        asked.overrides = read_arguments(fields, *entry.job);
        check_arguments(asked.overrides, app, errors);
    }
    const auto env = is_command ? fields.object("env") : std::nullopt;
    if (env) {
        if (!may_command(user, commands_by(app.config)))
            return fail(Errc::forbidden, std::string(kNotPermitted));
        const auto variables = domain::read_environment(*env, "env", errors);
        if (variables.contains("PATH") && !user.is_superuser)
            fields.refuse("env.PATH", "invalid", "Only a superuser may set this variable.");
        asked.overrides = "{\"env\":" + std::string(env->raw()) + "}";
    }
    refuse_foreign(fields, entry.job->kind);
    fields.refuse_unknown({"csrfmiddlewaretoken"});
    if (!errors.empty()) return domain::refuse_all(std::move(errors));
    return asked;
}

// The parameter `hours`, which may have a fraction: a day by default, at most a leap year.
Result<std::chrono::microseconds> read_hours(const Request& request) {
    const auto text = request.parameter("hours");
    if (!text) return std::chrono::hours{24};
    double hours = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), hours);
    if (error != std::errc{} || end != text->data() + text->size() || !(hours > 0) || hours > 8784)
        return refuse("hours", "invalid", "Enter a number of hours above 0, at most 8784.");
    return std::chrono::microseconds{std::int64_t(hours * 3.6e9)};
}

}  // namespace

Served list_jobs_served(const Request& request) {
    // Filters and searches look at every entry; the plain list only at a page of them.
    for (const auto& [name, value] : request.query)
        if (name != "page" && name != "page_size") return Served::pooled;
    return Served::inline_;
}

Response list_jobs(const Request& request, Context& app) {
    const auto page = read_page(request);
    if (!page) return problem(request, page.error());
    const auto query = read_job_query(
        [&](std::string_view name) -> std::optional<std::string> {
            const auto value = request.parameter(name);
            if (!value) return std::nullopt;
            return std::string(*value);
        },
        request.caller->user,
        [&](std::string_view who) -> std::optional<domain::User> {
            if (auto user = app.store.find_user(who)) return user;
            for (const auto& user : app.store.users())
                if (std::to_string(user.number.value) == who) return user;
            return std::nullopt;
        });
    if (!query) return problem(request, query.error());

    const auto found =
        select_jobs(app.store.board(), *query, page->offset(), std::size_t(page->size),
                    [&](UserNumber number) { return owner_name(app, number); });
    const auto count = std::int64_t(found.count);
    if (const auto there = check_page(*page, count); !there) return problem(request, there.error());

    std::string text;
    text.reserve(found.entries.size() * 1'500 + 500);
    json::Writer out(text);
    out.begin_object();
    write_page_frame(out, request, app.config.server.trusted_proxies, *page, count);
    out.key("results");
    out.begin_array();
    const JobViewing how = viewing(app);
    for (const EntryPtr& entry : found.entries) write_job(out, *entry, how);
    out.end_array();
    out.end_object();
    return json(200, std::move(text));
}

Response create_job(const Request& request, Context& app) {
    const auto body = read_object(request);
    if (!body) return problem(request, body.error());
    auto job = read_job(*body, reading(request, app));
    if (!job) return problem(request, job.error());
    if (const auto known = check_owner(*job, app); !known) return problem(request, known.error());

    const auto made = app.store.create_job(std::move(*job), actor(request));
    if (!made) return problem(request, made.error());
    Response response = job_answer(201, **made, app);
    add_header(response, "Location",
               std::string(request.root) + "api/cron-jobs/" + to_text((*made)->job->id) + "/");
    return response;
}

Served show_job_served(const Request& request) {
    return request.parameter("logs") == "0" ? Served::inline_ : Served::pooled;
}

Response show_job(const Request& request, Context& app) {
    const auto entry = find_job(request, app);
    if (!entry) return problem(request, entry.error());
    if (request.parameter("logs") == "0") return job_answer(200, **entry, app);

    const auto runs = app.store.newest_runs((*entry)->number, kNewestRuns);
    if (!runs) return problem(request, runs.error());
    std::string text;
    json::Writer out(text);
    out.begin_object();
    write_job_members(out, **entry, viewing(app));
    out.key("execution_logs");
    out.begin_array();
    for (const domain::Run& run : *runs)
        write_run(out, run,
                  {.job = label_of(*(*entry)->job), .triggered_by = user_name(app, run.asked_by)});
    out.end_array();
    out.end_object();
    Response response = json(200, std::move(text));
    add_header(response, "ETag", etag_of(*(*entry)->job));
    return response;
}

Response replace_job(const Request& request, Context& app) {
    return change_job(request, app, false);
}

Response update_job(const Request& request, Context& app) { return change_job(request, app, true); }

Response delete_job(const Request& request, Context& app) {
    const auto entry = find_own_job(request, app);
    if (!entry) return problem(request, entry.error());
    if (is_stale(request, *(*entry)->job)) return stale(request, **entry, app);

    const bool any = request.header("If-Match").empty();
    const auto deleted =
        app.store.delete_job((*entry)->number, any ? 0 : (*entry)->job->version, actor(request));
    if (!deleted) return not_changed(request, **entry, deleted.error(), app);
    return empty(204);
}

// A run outside the schedule, also of an inactive job.
Response run_now(const Request& request, Context& app) {
    const auto entry = find_own_job(request, app);
    if (!entry) return problem(request, entry.error());
    const auto asked = read_asked_run(request, app, **entry);
    if (!asked) return problem(request, asked.error());
    if (is_stale(request, *(*entry)->job)) return stale(request, **entry, app);

    const auto run = app.store.ask_run(*asked, actor(request));
    if (!run) return problem(request, run.error());

    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("status", "success");
    const bool has_no_broker = (*entry)->job->kind == domain::Kind::celery && !app.fleet;
    out.field("message", has_no_broker
                             ? "Recorded, but no broker is configured: the run ends undeliverable."
                             : "Job \"" + (*entry)->job->name + "\" was started.");
    out.field("log_id", run->id);
    out.end_object();
    return json(202, std::move(text));
}

Response update_status(const Request& request, Context& app) {
    const auto entry = find_own_job(request, app);
    if (!entry) return problem(request, entry.error());
    const auto body = read_object(request);
    if (!body) return problem(request, body.error());
    std::vector<FieldError> errors;
    domain::Fields fields(*body, "", errors);
    fields.require("is_active");
    const auto is_active = fields.boolean("is_active");
    fields.refuse_unknown({"csrfmiddlewaretoken"});
    if (!errors.empty() || !is_active)
        return problem(request, domain::refuse_all(std::move(errors)).error());
    if (is_stale(request, *(*entry)->job)) return stale(request, **entry, app);

    // Somebody may change the job in between; what they changed is kept.
    EntryPtr now = *entry;
    for (int tries = 0;; ++tries) {
        if (now->job->is_active == *is_active) break;
        domain::Job job = *now->job;
        job.is_active = *is_active;
        const auto changed =
            app.store.update_job(now->number, now->job->version, std::move(job), actor(request));
        if (changed) {
            now = *changed;
            break;
        }
        if (changed.error().code != Errc::stale || tries == 3)
            return problem(request, changed.error());
        now = app.store.board().find((*entry)->number);
        if (!now) return problem(request, Error{Errc::not_found, "Not found."});
    }
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("status", "success");
    out.field("message", std::string("Job \"") + now->job->name + "\" is now " +
                             (*is_active ? "active." : "inactive."));
    out.field("is_active", *is_active);
    out.end_object();
    Response response = json(200, std::move(text));
    add_header(response, "ETag", etag_of(*now->job));
    return response;
}

Response next_runs(const Request& request, Context& app) {
    const auto entry = find_job(request, app);
    if (!entry) return problem(request, entry.error());
    const auto count = whole_parameter(request, "count", 10, 1, 100);
    if (!count) return problem(request, count.error());
    Instant at = request.now;
    if (const auto text = request.parameter("from")) {
        const auto from = parse_iso8601(*text);
        if (!from)
            return problem(
                request,
                refuse("from", "invalid", "Enter a valid date and time in ISO 8601.").error());
        at = *from;
    }

    const domain::Job& job = *(*entry)->job;
    const auto zone = app.zones.find(job.timezone);
    std::string text;
    json::Writer out(text);
    out.begin_array();
    for (std::int64_t i = 0; job.is_active && i < *count; ++i) {  // an inactive job has no slots
        const auto slot = job.schedule.next_after(at);
        if (!slot) break;
        at = *slot;
        const auto offset = zone ? zone->offset_at(at) : std::chrono::seconds{};
        out.begin_object();
        out.field("at", at);
        out.field("local", local_text(at, offset));
        out.field("offset", offset_text(offset));
        const auto change = job.schedule.clock_change_at(at);
        out.field("clock_change", change ? std::optional(to_text(*change)) : std::nullopt);
        out.end_object();
    }
    out.end_array();
    return json(200, std::move(text));
}

Response upcoming(const Request& request, Context& app) {
    const auto hours = read_hours(request);
    if (!hours) return problem(request, hours.error());

    // Soonest first, each job as often as it is due: a heap of one slot a job.
    const Instant until = request.now + *hours;
    struct Due {
        Instant at;
        EntryPtr entry;
    };
    const auto later = [](const Due& a, const Due& b) {
        return std::tie(a.at, a.entry->number) > std::tie(b.at, b.entry->number);
    };
    std::vector<Due> heap;
    for (auto& entry : app.store.board().upcoming(until, kMostUpcoming))
        heap.push_back({*entry->next_slot, std::move(entry)});
    std::make_heap(heap.begin(), heap.end(), later);

    std::string text;
    json::Writer out(text);
    out.begin_array();
    for (std::int64_t i = 0; i < kMostUpcoming && !heap.empty(); ++i) {
        std::pop_heap(heap.begin(), heap.end(), later);
        Due due = std::move(heap.back());
        heap.pop_back();
        const domain::Job& job = *due.entry->job;
        const auto zone = app.zones.find(job.timezone);
        out.begin_object();
        out.field("job", job.id);
        out.field("name", job.name);
        out.field("at", due.at);
        out.field("local",
                  local_text(due.at, zone ? zone->offset_at(due.at) : std::chrono::seconds{}));
        out.field("timezone", job.timezone);
        out.end_object();
        if (const auto next = job.schedule.next_after(due.at); next && *next <= until) {
            heap.push_back({*next, std::move(due.entry)});
            std::push_heap(heap.begin(), heap.end(), later);
        }
    }
    out.end_array();
    return json(200, std::move(text));
}

}  // namespace cjv::web
