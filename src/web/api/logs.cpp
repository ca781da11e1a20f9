// /api/cron-job-logs/: runs, and ranges of slots that did not run. How one looks is run_view's business, which
// ones a list shows is log_query's.

#include "web/api/logs.h"

#include <fmt/core.h>

#include <charconv>
#include <unordered_map>

#include "domain/fields.h"
#include "domain/rights.h"
#include "web/api/log_query.h"
#include "web/api/paging.h"
#include "web/api/run_view.h"

namespace cjv::web {
namespace {

using domain::Run;

constexpr std::size_t kExcerpt = 4'096;   // bytes of output in a list
constexpr std::size_t kHalf = 2'000;      // of them at either end
constexpr std::uint64_t kStep = 1 << 20;  // of output, read at once

Error not_found() { return {Errc::not_found, "Not found."}; }

// Names of jobs and people, each looked up once an answer.
class Labels {
public:
    explicit Labels(store::Store& store) : store_(store) {}

    Result<JobLabel> job(JobNumber number) {
        if (const auto at = jobs_.find(number); at != jobs_.end()) return at->second;
        JobLabel label;
        if (const auto entry = store_.board().find(number)) {
            label = {entry->job->id, entry->job->name, entry->job->task};
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

std::string cut_line(std::uint64_t bytes) {
    return fmt::format("\n[… {} bytes were cut …]\n", bytes);
}

// The kept bytes of a run in order, and a marker line wherever some are missing.
class OutputText {
public:
    void add(const store::OutputChunk& chunk, std::optional<store::Stream> only) {
        if (chunk.offset > expected_) text += cut_line(chunk.offset - expected_);
        expected_ = chunk.offset + chunk.bytes.size();
        if (!only || chunk.stream == *only) text += chunk.bytes;
    }
    // `printed` bytes are known; what lies behind the last chunk was cut, or is still to come.
    void finish(const Run& run) {
        if (is_final(run.status) && run.output_size > expected_)
            text += cut_line(run.output_size - expected_);
    }

    std::string text;

private:
    std::uint64_t expected_ = 0;
};

Result<std::string> whole_output(store::Store& store, const Run& run,
                                 std::optional<store::Stream> only) {
    OutputText output;
    std::int64_t after = 0;
    while (true) {
        const auto chunks = store.output_after(run.id, after, kStep);
        if (!chunks) return std::unexpected(chunks.error());
        if (chunks->empty()) break;
        for (const auto& chunk : *chunks) output.add(chunk, only);
        after = chunks->back().number;
    }
    output.finish(run);
    return std::move(output.text);
}

// Head and tail of the output, at most kExcerpt bytes with the line between them.
Result<std::string> excerpt(store::Store& store, const Run& run) {
    if (run.output_size == 0) return std::string();
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

Result<Run> find_run(const Request& request, Context& app) {
    const auto id = path_id(request);
    if (!id) return std::unexpected(id.error());
    auto run = app.store.find_run(RunId(*id));
    if (!run) return std::unexpected(run.error());
    if (!*run) return std::unexpected(not_found());
    return std::move(**run);
}

Result<std::optional<store::Stream>> read_stream(const Request& request) {
    const auto text = request.parameter("stream");
    if (!text || text->empty()) return std::optional<store::Stream>{};
    if (*text == "stdout") return std::optional(store::Stream::out);
    if (*text == "stderr") return std::optional(store::Stream::err);
    return refuse("stream", "invalid_choice", "Expected stdout or stderr.");
}

struct ByteRange {
    std::uint64_t first = 0, last = 0;  // both included
};
enum class RangeAsked { none, usable, unsatisfiable };

// One range of bytes (RFC 9110, 14.1.2). A header that is none, or asks for several, is ignored.
RangeAsked read_range(std::string_view header, std::uint64_t size, ByteRange& range) {
    constexpr std::string_view kUnit = "bytes=";
    if (!header.starts_with(kUnit) || header.find(',') != header.npos) return RangeAsked::none;
    header.remove_prefix(kUnit.size());
    const auto dash = header.find('-');
    if (dash == header.npos) return RangeAsked::none;
    const auto number = [](std::string_view text) -> std::optional<std::uint64_t> {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
        return value;
    };
    const auto first = number(header.substr(0, dash)), last = number(header.substr(dash + 1));
    if (!first && dash > 0) return RangeAsked::none;
    if (!last && dash + 1 < header.size()) return RangeAsked::none;
    if (!first) {  // the last so many
        if (!last) return RangeAsked::none;
        if (*last == 0 || size == 0) return RangeAsked::unsatisfiable;
        range = {size - std::min(*last, size), size - 1};
        return RangeAsked::usable;
    }
    if (last && *last < *first) return RangeAsked::none;
    if (*first >= size) return RangeAsked::unsatisfiable;
    range = {*first, std::min(last.value_or(size - 1), size - 1)};
    return RangeAsked::usable;
}

Response follow_output(const Request& request, Context& app, const Run& run,
                       std::optional<store::Stream> only) {
    std::int64_t after = 0;
    const std::string_view last = request.header("Last-Event-ID");
    std::from_chars(last.data(), last.data() + last.size(),
                    after);  // none, or no number: from the start
    return event_stream(app.follow.open(run.id, after, only));
}

}  // namespace

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
        line.skip = std::move(*skip);
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
    auto output = excerpt(app.store, *line.run);
    if (!output) return problem(request, output.error());
    viewing.output_message = std::move(*output);
    viewing.triggered_by = labels.user(line.run->asked_by);
    write_run(out, *line.run, viewing);
    return json(200, std::move(text));
}

Served show_output_served(const Request&) { return Served::pooled; }

Response show_output(const Request& request, Context& app) {
    const auto run = find_run(request, app);
    if (!run) return problem(request, run.error());
    const auto only = read_stream(request);
    if (!only) return problem(request, only.error());
    if (request.parameter("follow") == "1") return follow_output(request, app, *run, *only);

    auto output = whole_output(app.store, *run, *only);
    if (!output) return problem(request, output.error());
    ByteRange range;
    const std::uint64_t size = output->size();
    const RangeAsked asked = read_range(request.header("Range"), size, range);
    if (asked == RangeAsked::unsatisfiable) {
        Response response =
            refusal(request, 416, "range_not_satisfiable", "There are no such bytes.");
        add_header(response, "Content-Range", fmt::format("bytes */{}", size));
        return response;
    }
    Response response = asked == RangeAsked::none
                            ? text(200, std::move(*output))
                            : text(206, output->substr(range.first, range.last - range.first + 1));
    if (asked == RangeAsked::usable)
        add_header(response, "Content-Range",
                   fmt::format("bytes {}-{}/{}", range.first, range.last, size));
    add_header(response, "Accept-Ranges", "bytes");
    // What a job printed is a stranger's text: to be saved, and never to be run as a page of ours.
    add_header(response, "Content-Disposition",
               "attachment; filename=\"run-" + to_text(run->id) + ".txt\"");
    return response;
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
