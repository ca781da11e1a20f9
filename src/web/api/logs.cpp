// /api/cron-job-logs/: runs, and ranges of slots that did not run. How one looks is run_view's business, which
// ones a list shows is log_query's.

#include "web/api/logs.h"

#include <fmt/core.h>

#include <unordered_map>

#include "domain/fields.h"
#include "domain/rights.h"
#include "web/api/log_query.h"
#include "web/api/paging.h"
#include "web/api/run_view.h"

namespace cjv::web {
namespace {

using domain::Run;

constexpr std::size_t kExcerpt = 4'096;  // bytes of output in a list
constexpr std::size_t kHalf = 2'000;     // of them at either end
constexpr std::int64_t kRerunsShown = 20;

Error not_found() { return {Errc::not_found, "Not found."}; }

// Names of jobs and people, each looked up once an answer.
class Labels {
public:
    explicit Labels(store::Store& store) : store_(store) {}

    Result<JobLabel> job(JobNumber number) {
        if (const auto at = jobs_.find(number); at != jobs_.end()) return at->second;
        JobLabel label;
        if (const auto entry = store_.board().find(number)) {
            label = {entry->job->id, entry->job->name, entry->job->task,
                     entry->job->kind == domain::Kind::celery};
        } else if (number) {  // deleted; its runs stay until retention
            const auto id = store_.job_id(number);
            if (!id) return std::unexpected(id.error());
            auto name = store_.job_name(number);
            if (!name) return std::unexpected(name.error());
            label = {*id, std::move(*name), ""};
        }
        jobs_.emplace(number, label);
        return label;
    }

    std::optional<std::string> user(UserNumber number) const {
        const auto user = number ? store_.find_user(number) : std::nullopt;
        if (!user) return std::nullopt;
        return user->username;
    }

private:
    store::Store& store_;
    std::unordered_map<JobNumber, JobLabel> jobs_;
};

// Of what was given as one text: head and tail, at most kExcerpt bytes with the line between them.
std::string excerpt(const std::string& text) {
    if (text.size() <= kExcerpt) return text;
    return text.substr(0, kHalf) +
           fmt::format("\n[… {} bytes are not shown here …]\n", text.size() - 2 * kHalf) +
           text.substr(text.size() - kHalf);
}

// The same of the output. A Celery task has none but its result.
Result<std::string> excerpt(store::Store& store, const Run& run) {
    if (run.output_size == 0) return excerpt(run.result);
    const auto head = store.output_after(run.id, 0, kExcerpt);
    if (!head) return std::unexpected(head.error());
    std::string text;
    for (const auto& chunk : *head) text += chunk.bytes;
    if (text.size() == run.output_size && text.size() <= kExcerpt) return text;

    const auto tail = store.output_tail(run.id, kHalf);
    if (!tail) return std::unexpected(tail.error());
    text.resize(std::min(text.size(), kHalf));
    const std::string end = tail->substr(tail->size() - std::min(tail->size(), kHalf));
    const std::uint64_t shown = text.size() + end.size();
    if (run.output_size <= shown) return text + end;
    return text + fmt::format("\n[… {} bytes are not shown here …]\n", run.output_size - shown) +
           end;
}

Result<void> write_line(json::Writer& out, const store::LogLine& line, Labels& labels,
                        store::Store& store) {
    RunViewing viewing;
    auto label = labels.job(line.run ? line.run->job : line.skip->job);
    if (!label) return std::unexpected(label.error());
    viewing.job = std::move(*label);
    viewing.output_message = "";
    if (line.skip) {
        write_skip(out, *line.skip, viewing);
        return {};
    }
    auto output = excerpt(store, *line.run);
    if (!output) return std::unexpected(output.error());
    viewing.output_message = std::move(*output);
    viewing.triggered_by = labels.user(line.run->asked_by);
    write_run(out, *line.run, viewing);
    return {};
}

Result<void> write_lines(json::Writer& out, const std::vector<store::LogLine>& lines,
                         store::Store& store) {
    Labels labels(store);
    out.key("results");
    out.begin_array();
    for (const auto& line : lines)
        if (const auto written = write_line(out, line, labels, store); !written) return written;
    out.end_array();
    return {};
}

// By cursor: the id of the last line of the page before; empty for the first page.
Response list_by_cursor(const Request& request, Context& app, const LogQuery& query) {
    if (query.order != store::LogOrder::newest)
        return problem(request, refuse("ordering", "invalid",
                                       "With a cursor the newest come first; leave it out.")
                                    .error());
    const std::string_view text = *request.parameter("cursor");
    std::optional<RunId> after;
    if (!text.empty()) {
        const auto id = parse_uuid(text);
        if (!id) return problem(request, Error{Errc::not_found, "Invalid cursor."});
        after = RunId(*id);
    }
    store::LogPage page;
    if (!query.nothing_matches) {
        auto read = app.store.logs_after(query.filter, after, read_page_size(request));
        if (!read) return problem(request, read.error());
        page = std::move(*read);
    }

    std::string body;
    json::Writer out(body);
    out.begin_object();
    out.field("count", page.count);
    out.field("count_is_exact", page.count_is_exact);
    out.field("next", page.next ? std::optional(link_to(request, app.config.server.trusted_proxies,
                                                        "cursor", to_text(*page.next)))
                                : std::nullopt);
    if (const auto written = write_lines(out, page.lines, app.store); !written)
        return problem(request, written.error());
    out.end_object();
    return json(200, std::move(body));
}

Response list_by_number(const Request& request, Context& app, const LogQuery& query) {
    const auto asked = read_page(request);
    if (!asked) return problem(request, asked.error());
    store::LogPage page;
    if (!query.nothing_matches) {
        auto read =
            app.store.logs(query.filter, query.order, std::int64_t(asked->offset()), asked->size);
        if (!read) return problem(request, read.error());
        page = std::move(*read);
    }
    const bool is_there = asked->number == 1 || !page.lines.empty();
    if (!is_there) return problem(request, Error{Errc::not_found, "Invalid page."});

    std::string body;
    json::Writer out(body);
    out.begin_object();
    write_page_frame(out, request, app.config.server.trusted_proxies, *asked, page.count);
    out.field("count_is_exact", page.count_is_exact);
    if (const auto written = write_lines(out, page.lines, app.store); !written)
        return problem(request, written.error());
    out.end_object();
    return json(200, std::move(body));
}

}  // namespace

Result<Run> find_run(const Request& request, Context& app) {
    const auto id = path_id(request);
    if (!id) return std::unexpected(id.error());
    auto run = app.store.find_run(RunId(*id));
    if (!run) return std::unexpected(run.error());
    if (!*run) return std::unexpected(not_found());
    return std::move(**run);
}

Response list_logs(const Request& request, Context& app) {
    const auto query = read_log_query(request, app.store);
    if (!query) return problem(request, query.error());
    return request.parameter("cursor") ? list_by_cursor(request, app, *query)
                                       : list_by_number(request, app, *query);
}

Response show_log(const Request& request, Context& app) {
    const auto id = path_id(request);
    if (!id) return problem(request, id.error());
    const auto run = app.store.find_run(RunId(*id));
    if (!run) return problem(request, run.error());

    store::LogLine line{.run = *run, .skip = {}};
    if (!line.run) {
        auto skip = app.store.find_skip(RunId(*id));
        if (!skip) return problem(request, skip.error());
        if (!*skip) return problem(request, not_found());
        line.skip = *skip;
    }
    Labels labels(app.store);
    auto label = labels.job(line.run ? line.run->job : line.skip->job);
    if (!label) return problem(request, label.error());
    RunViewing viewing{.job = std::move(*label), .output_message = "", .stages = true};

    std::string text;
    json::Writer out(text);
    if (line.skip) {
        write_skip(out, *line.skip, viewing);
        return json(200, std::move(text));
    }
    if (line.run->attempt > 1) {
        auto attempts = app.store.attempts_of(line.run->id);
        if (!attempts) return problem(request, attempts.error());
        viewing.attempts = std::move(*attempts);
    }
    auto reruns = app.store.reruns_of(line.run->id, kRerunsShown);
    if (!reruns) return problem(request, reruns.error());
    viewing.reruns = *std::move(reruns);
    auto output = excerpt(app.store, *line.run);
    if (!output) return problem(request, output.error());
    viewing.output_message = std::move(*output);
    viewing.triggered_by = labels.user(line.run->asked_by);
    write_run(out, *line.run, viewing);
    return json(200, std::move(text));
}

Response cancel_log(const Request& request, Context& app) {
    const auto run = find_run(request, app);
    if (!run) return problem(request, run.error());
    const auto entry = app.store.board().find(run->job);
    const UserNumber owner = entry ? entry->job->owner : UserNumber{};
    if (!may_change(request.caller->user, owner))
        return problem(
            request, Error{Errc::forbidden, "You do not have permission to perform this action."});
    const auto body = read_object(request);
    if (!body) return problem(request, body.error());
    std::vector<FieldError> errors;
    domain::Fields fields(*body, "", errors);
    const bool terminate = fields.boolean("terminate").value_or(false);
    fields.refuse_unknown({"csrfmiddlewaretoken"});
    if (!errors.empty()) return problem(request, domain::refuse_all(std::move(errors)).error());

    const auto asked =
        app.store.ask_cancel(run->id, terminate, {.user = request.caller->user.number});
    if (!asked) return problem(request, asked.error());
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("status", "success");
    out.field("message", is_final(asked->status) ? "The run was cancelled before it started."
                                                 : "The run is being stopped.");
    out.end_object();
    return json(202, std::move(text));
}

}  // namespace cjv::web
