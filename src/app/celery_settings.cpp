#include "app/celery_settings.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json.h"
#include "celery/transport_options.h"

namespace cjv::app {
namespace {

// All that is wrong with a configuration, in one line.
class Complaints {
public:
    void add(const ConfigEntry& entry, const std::string& name, const std::string& message) {
        if (!what_.empty()) what_ += " ";
        what_ += entry.place + ": " + name + ": " + message;
    }
    Result<void> verdict() const {
        if (what_.empty()) return {};
        return fail(Errc::bad_input, what_);
    }

private:
    std::string what_;
};

json::Value object_of(const std::vector<ConfigEntry>& entries) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    for (const ConfigEntry& entry : entries) out.field(entry.name, json::Raw{entry.value});
    out.end_object();
    return json::parse(text).value();
}

// The refusals of options, each with the line where the option stands.
Result<void> placed(const Error& error, const std::vector<ConfigEntry>& entries,
                    const std::string& table) {
    Complaints complaints;
    for (const FieldError& field : error.fields) {
        const auto entry = std::ranges::find(entries, field.path, &ConfigEntry::name);
        if (entry != entries.end())
            complaints.add(*entry, table + "." + entry->name, field.message);
    }
    return complaints.verdict();
}

Result<celery::TaskRoutes> read_routes(const std::vector<ConfigEntry>& entries,
                                       const celery::Transport& transport) {
    celery::TaskRoutes routes;
    Complaints complaints;
    for (const ConfigEntry& entry : entries) {
        const std::string name = "celery.routes: \"" + entry.name + "\"";
        const auto value = json::parse(entry.value);
        const auto queue = value ? value->as_string() : std::nullopt;
        if (!queue) {
            complaints.add(entry, name,
                           "Expected the name of a queue. A task with dots is written in quotes: "
                           "\"mail.send\" = \"mails\".");
            continue;
        }
        if (entry.name.empty()) complaints.add(entry, name, "Expected a task, or a glob of tasks.");
        const dispatch::CeleryTarget target{.task = "-", .queue = std::string(*queue)};
        json::Tape tape;
        for (const FieldError& refusal : dispatch::refusals(target, transport, tape))
            complaints.add(entry, name, "\"" + target.queue + "\" is no queue. " + refusal.message);
        routes.rules.push_back({.task = entry.name, .queue = target.queue});
    }
    if (const auto sound = complaints.verdict(); !sound) return std::unexpected(sound.error());
    return routes;
}

}  // namespace

Result<dispatch::CelerySettings> celery_settings(const Config& config, int database) {
    const auto& options = config.celery.transport_options;
    auto transport = celery::read_transport_options(object_of(options), database);
    if (!transport) {
        const auto told = placed(transport.error(), options, "celery.transport_options");
        return std::unexpected(told ? transport.error() : told.error());
    }
    auto routes = read_routes(config.celery.routes, *transport);
    if (!routes) return std::unexpected(routes.error());
    return dispatch::CelerySettings{.transport = *std::move(transport),
                                    .routes = *std::move(routes)};
}

Result<std::string> result_prefix(const Config& config) {
    const auto& options = config.celery.result_transport_options;
    auto prefix = celery::read_result_transport_options(object_of(options));
    if (prefix) return prefix;
    const auto told = placed(prefix.error(), options, "celery.result_transport_options");
    return std::unexpected(told ? prefix.error() : told.error());
}

}  // namespace cjv::app
