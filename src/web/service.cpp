#include "web/service.h"

#include "base/crypto.h"
#include "web/auth.h"
#include "web/gate.h"

#include <charconv>
#include <exception>

namespace cjv::web {
namespace {

// A page is asked for with GET or HEAD alone.
bool reads(const Request& request) {
    return request.method == Method::get || request.method == Method::head;
}

std::string with_slash(const Request& request) {
    std::string location(request.path);
    location += '/';
    location += request.target.substr(request.path.size());
    return location;
}

}  // namespace

Service::Service(Context& context, Router router, Assets assets, std::string_view listen_host)
    : context_(context),
      router_(std::move(router)),
      assets_(std::move(assets)),
      hosts_(our_hosts(listen_host, context.config.server.allowed_hosts)),
      id_start_(crypto::random_text(6)) {}

std::string Service::next_id() {
    char digits[20];
    const auto number = id_count_.fetch_add(1, std::memory_order_relaxed);
    const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
    std::string id = id_start_;
    id += '-';
    id.append(digits, end);
    return id;
}

Service::Step Service::begin(Request& request) {
    request.id = next_id();
    request.client = client_address(request, context_.config.server.trusted_proxies);
    if (auto refused = turn_away(request)) return {.answer = std::move(refused)};
    Step step = find(request);
    if (!step.answer && step.served == Served::inline_) step.answer = serve(*step.route, request);
    return step;
}

std::optional<Response> Service::turn_away(Request& request) {
    if (!request.peer.local && !is_our_host(request.header("host"), hosts_))
        return refusal(request, 400, "invalid", "This server does not answer to that host name.");
    if (request.target.size() == request.path.size()) return std::nullopt;
    auto query = parse_query(request.target.substr(request.path.size() + 1));
    if (!query)
        return refusal(request, 400, "invalid",
                       "The query has a broken escape or more than 100 parameters.");
    request.query = *std::move(query);
    return std::nullopt;
}

Service::Step Service::find(Request& request) {
    const auto found = router_.find(request.method, request.path);
    request.root = found.root;
    request.value = found.value;
    if (found.route || found.other) return enter(request, found);

    const std::string& prefix = router_.prefix();
    if (found.lacks_slash && reads(request)) return {.answer = redirect(301, with_slash(request))};
    if (found.lacks_slash)
        return {.answer = refusal(request, 404, "not_found", "Not found: paths end in a slash.")};
    if (!found.api_path.empty())
        return {.answer = refusal(request, 404, "not_found", "Not found.")};
    if (request.path.starts_with(prefix)) {
        if (reads(request)) return {.answer = assets_.serve(request)};
        Response refused = refusal(request, 405, "method_not_allowed", "Pages are only read.");
        add_header(refused, "Allow", "GET, HEAD");
        return {.answer = std::move(refused)};
    }
    if (reads(request) && (request.path == "/" || std::string(request.path) + "/" == prefix))
        return {.answer = redirect(302, prefix)};
    return {.answer = refusal(request, 404, "not_found", "Not found.")};
}

// 406, 401, 403, 405, in this order; what comes later is the handler's.
Service::Step Service::enter(Request& request, const Router::Found& found) {
    const Route& route = found.route ? *found.route : *found.other;
    if (!accepts_answer(request.header("accept"), route.served == Served::stream))
        return {.answer = refusal(request, 406, "not_acceptable",
                                  "Could not satisfy the request Accept header.")};
    auto caller = authenticate(request, context_);
    if (caller)
        request.caller = *std::move(caller);
    else if (*route.right != domain::Right::anyone)
        return {.answer = problem(request, caller.error())};
    const auto token = *route.right == domain::Right::anyone ? Token::not_needed : Token::needed;
    if (const auto safe = check_csrf(request, token); !safe)
        return {.answer = problem(request, safe.error())};
    if (const auto allowed = allow(request.caller, *route.right); !allowed)
        return {.answer = problem(request, allowed.error())};
    if (!found.route) {
        Response refused =
            refusal(request, 405, "method_not_allowed",
                    "Method \"" + std::string(to_text(request.method)) + "\" not allowed.");
        add_header(refused, "Allow", router_.allowed(found));
        return {.answer = std::move(refused)};
    }
    // To take it and then do the work twice would be worse than to say no.
    if (request.method == Method::post && !request.header("idempotency-key").empty())
        return {.answer =
                    refusal(request, 400, "not_available",
                            "Idempotency-Key is not available in this version. Leave it out, and "
                            "look whether the first request had its effect before you repeat it.")};
    return {.route = &route, .served = route.depends ? route.depends(request) : route.served};
}

Response Service::serve(const Route& route, const Request& request) {
    try {
        return route.handler(request, context_);
    } catch (const std::exception& error) {
        context_.log.error("web.handler_failed", {{"route", route.pattern},
                                                  {"request_id", request.id},
                                                  {"error", std::string_view(error.what())}});
        return problem(request, Error{Errc::corrupt, "handler failed"});
    }
}

Response Service::busy(const Request& request, Served served) const {
    if (served == Served::hashing)
        return refusal(request, 429, "throttled", "Too many sign-ins at once: try again shortly.");
    return refusal(request, 503, "unavailable", "The server is busy: try again shortly.");
}

Response Service::framing_refusal(Request& request, const Refusal& refused) {
    request.id = next_id();
    return refusal(request, refused.status, "invalid",
                   "Malformed request: " + std::string(refused.what) + ".");
}

bool Service::may_go_on(const Request& request, domain::Right right) {
    Request now = request;
    now.now = context_.clock.now();
    auto caller = authenticate(now, context_);
    return caller && allow(*std::move(caller), right).has_value();
}

}  // namespace cjv::web
