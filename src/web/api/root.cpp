#include "web/api/root.h"

#include "web/api/paging.h"

namespace cjv::web {

Response list_collections(const Request& request, Context& app) {
    const std::string here = link_to(request, app.config.server.trusted_proxies, "", std::nullopt);
    const std::string base = here.substr(0, here.find('?'));
    std::string text;
    json::Writer out(text);
    out.begin_object();
    for (const auto* name : {"cron-jobs", "cron-job-logs", "workers", "queues", "tasks"})
        out.field(name, base + name + "/");
    out.end_object();
    return json(200, std::move(text));
}

}  // namespace cjv::web
