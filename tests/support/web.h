#pragma once
// Handlers over a store in memory, without sockets.

#include "support/store.h"
#include "web/context.h"
#include "web/request.h"
#include "web/response.h"

#include <string>
#include <utility>
#include <vector>

namespace cjv::support {

struct WebWorld : StoreWorld {
    // Of a superuser without a session, at this moment. What it is given must outlive it.
    web::Request request(web::Method method, std::string_view body = {}) {
        web::Request asked;
        asked.method = method;
        asked.body = body;
        asked.now = clock.now();
        asked.client = "10.0.0.1";
        asked.root = "/";
        asked.path = "/api/";
        if (!body.empty()) asked.headers.push_back({"Content-Type", "application/json"});
        asked.caller.emplace();
        asked.caller->user.username = "root";
        asked.caller->user.is_staff = asked.caller->user.is_superuser = true;
        return asked;
    }
    // The whole body, however it comes.
    static std::string body_of(const web::Response& response) {
        if (!response.pieces) return std::string(response.bytes());
        std::string all;
        for (auto piece = response.pieces->next(); piece && !piece->empty();
             piece = response.pieces->next())
            all += *piece;
        return all;
    }

    Config config;
    web::Throttle throttle;
    web::JobTexts job_texts;
    web::Events events{1, "1.0", store->board(), clock};
    web::Follow follow{*store};
    web::Context context{.store = *store,
                         .zones = zones,
                         .clock = clock,
                         .config = config,
                         .log = log,
                         .events = events,
                         .follow = follow,
                         .throttle = throttle,
                         .job_texts = job_texts,
                         .version = "1.0",
                         .health = [] { return monitor::Health{}; },
                         .not_alive = [] { return std::string(); },
                         .not_ready = [] { return std::string(); }};
};

}  // namespace cjv::support
