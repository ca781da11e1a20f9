#include "web/api/health.h"

namespace cjv::web {
namespace {

void write_component(json::Writer& out, std::string_view name, const monitor::Component& part) {
    out.key(name);
    out.begin_object();
    out.field("status", to_text(part.state));
    out.field("detail", part.detail);
    out.field("since", part.since);
    out.field("latency_ms",
              part.latency ? std::optional(double(part.latency->count()) / 1e3) : std::nullopt);
    out.end_object();
}

// {"status": "ok"}, or 503 with what is wrong.
Response probe(const std::string& wrong) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("status", wrong.empty() ? "ok" : "failed");
    if (!wrong.empty()) out.field("detail", wrong);
    out.end_object();
    return json(wrong.empty() ? 200 : 503, std::move(text));
}

}  // namespace

std::string health_json(const monitor::Health& health) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("status", to_text(health.status));
    out.key("components");
    out.begin_object();
    write_component(out, "database", health.database);
    write_component(out, "scheduler", health.scheduler);
    write_component(out, "broker", health.broker);
    write_component(out, "result_backend", health.result_backend);
    write_component(out, "workers", health.workers);
    write_component(out, "queues", health.queues);
    out.end_object();
    out.end_object();
    return text;
}

Response show_health(const Request&, Context& app) { return json(200, health_json(app.health())); }

Response livez(const Request&, Context& app) { return probe(app.not_alive()); }

Response readyz(const Request&, Context& app) { return probe(app.not_ready()); }

}  // namespace cjv::web
