#pragma once
// Who is asking: the session behind a cookie, or our own user behind the control socket. Signing in
// and out is api/auth.cpp's business; where a request may come from is gate.h's.

#include "base/error.h"
#include "domain/rights.h"
#include "store/store.h"
#include "web/context.h"
#include "web/request.h"
#include "web/response.h"

#include <chrono>
#include <string>
#include <string_view>

namespace cjv::web {

inline constexpr std::string_view kSessionCookie = "cjv_session";
inline constexpr std::string_view kCsrfCookie = "cjv_csrftoken";

// The caller, or `unauthenticated`. Marks the session as used.
Result<Caller> authenticate(const Request& request, Context& context);

// Whether the caller may reach a route that asks for `right`: `unauthenticated`, `forbidden` (with the code
// "password_change_required" while a one-time password waits to be changed), or nothing.
Result<void> allow(const std::optional<Caller>& caller, domain::Right right);

// A browser's unsafe request comes from a page of ours, and with a session it has the session's token, in
// X-CSRFToken or in the form. To sign in needs none.
enum class Token : bool { not_needed, needed };
Result<void> check_csrf(const Request& request, Token token);

// Whom the record names.
store::Actor actor_of(const Request& request);

// One line for Set-Cookie. An empty value ends the cookie; `seconds` is how long the browser keeps it.
enum class Readable : bool { by_us_alone, by_script };
struct Cookie {
    std::string_view name = {}, value = {};
    std::string_view path = {};
    Readable readable = Readable::by_us_alone;
    bool secure = false;
    std::chrono::seconds seconds{0};
};
std::string to_text(const Cookie& cookie);
// The path of both cookies: the prefix, or "/api/".
std::string_view cookie_path(const Request& request);

// What is stored of a session's secret.
SessionHash session_hash(std::string_view secret);

}  // namespace cjv::web
