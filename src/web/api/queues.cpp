#include "web/api/queues.h"

#include <algorithm>

#include "monitor/fleet.h"
#include "web/api/paging.h"

namespace cjv::web {
namespace {

constexpr std::int64_t kMessages = 25;
constexpr std::int64_t kMostMessages = 200;

void write_queue(json::Writer& out, const monitor::Queue& queue) {
    out.begin_object();
    out.field("name", queue.name);
    out.field("depth", queue.depth);
    out.field("unacked", queue.unacked);
    out.field("consumers", queue.consumers);
    out.field("oldest_at", queue.oldest_at);
    out.end_object();
}

void write_message(json::Writer& out, const monitor::QueuedMessage& message) {
    const auto text_or_null = [&](std::string_view key, const std::string& text) {
        out.key(key);
        text.empty() ? out.value(nullptr) : out.value(text);
    };
    out.begin_object();
    text_or_null("task", message.task);
    text_or_null("id", message.id);
    text_or_null("args", message.args);
    text_or_null("kwargs", message.kwargs);
    out.field("eta", message.eta);
    out.field("expires", message.expires);
    out.field("priority", message.priority);
    out.field("retries", message.retries);
    text_or_null("unread", message.unread);
    out.end_object();
}

}  // namespace

Response list_queues(const Request& request, Context& app) {
    const auto page = read_page(request);
    if (!page) return problem(request, page.error());
    const auto queues =
        app.fleet ? app.fleet->queues().measure() : Result<std::vector<monitor::Queue>>();
    if (!queues) return problem(request, queues.error());
    return answer_page(request, app.config.server.trusted_proxies, *page, *queues, write_queue);
}

Response list_messages(const Request& request, Context& app) {
    const auto limit = whole_parameter(request, "limit", kMessages, 1, kMostMessages);
    if (!limit) return problem(request, limit.error());
    const auto name = percent_decode(request.value, Plus::literal);
    if (!app.fleet || !name || name->empty())
        return problem(request, Error{Errc::not_found, "Not found."});
    const auto messages = app.fleet->queues().messages(*name, *limit);
    if (!messages) return problem(request, messages.error());

    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.key("results");
    out.begin_array();
    for (const auto& message : *messages) write_message(out, message);
    out.end_array();
    out.end_object();
    return json(200, std::move(text));
}

}  // namespace cjv::web
