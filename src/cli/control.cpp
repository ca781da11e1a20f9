#include "cli/control.h"

#include "app/data_dir.h"
#include "net/http.h"

namespace cjv::cli {
namespace {

Errc code_of(int status) {
    switch (status) {
        case 401: return Errc::unauthenticated;
        case 403: return Errc::forbidden;
        case 404: return Errc::not_found;
        case 409:
            return Errc::bad_input;  // its state forbids it: to the caller a failure like any other
        case 412: return Errc::stale;
        case 429: return Errc::throttled;
        case 503: return Errc::unavailable;
        default: return Errc::bad_input;
    }
}

// RFC 9457: {"detail", "errors": [{"path", "message", …}]}.
Error problem(int status, const json::Value& body) {
    Error error{code_of(status), "the server refused with status " + std::to_string(status)};
    if (const auto detail = body.find("detail"); detail && detail->as_string())
        error.what = *detail->as_string();
    const auto errors = body.find("errors");
    if (!errors) return error;
    for (const json::Value& item : errors->items()) {
        const auto path = item.find("path"), message = item.find("message");
        if (path && message && path->as_string() && message->as_string())
            error.fields.push_back(
                {std::string(*path->as_string()), "", std::string(*message->as_string())});
    }
    return error;
}

}  // namespace

std::optional<Control> Control::connect(const std::string& data_dir) {
    Control control(app::control_socket(data_dir));
    const auto alive = net::exchange({.url = "http://localhost/livez",
                                      .unix_socket = control.socket_,
                                      .timeout = std::chrono::seconds{5}});
    if (!alive) return std::nullopt;
    return control;
}

Result<std::optional<json::Value>> Control::call(std::string_view method, std::string_view path,
                                                 const std::string& body) const {
    const auto answer = net::exchange(
        {.method = std::string(method),
         .url = "http://localhost" + std::string(path),
         .headers = {{"Content-Type", "application/json"}, {"Accept", "application/problem+json"}},
         .body = body,
         .unix_socket = socket_});
    if (!answer) return fail(answer.error(), "ask the running server");
    if (answer->body.empty()) {
        if (answer->status < 400) return std::optional<json::Value>{};
        return fail(code_of(answer->status),
                    "the server refused with status " + std::to_string(answer->status));
    }
    const auto value = json::parse(answer->body);
    if (!value) return fail(value.error(), "read the server's answer");
    if (answer->status >= 400) return std::unexpected(problem(answer->status, *value));
    return std::optional(*value);
}

}  // namespace cjv::cli
