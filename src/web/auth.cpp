#include "web/auth.h"

#include "base/crypto.h"
#include "web/gate.h"

namespace cjv::web {
namespace {

constexpr std::string_view kNoCredentials = "Authentication credentials were not provided.";

// Commands of this machine speak for whoever may read our files.
Caller local_caller() {
    Caller caller;
    caller.user.username = "local";
    caller.user.is_staff = true;
    caller.user.is_superuser = true;
    return caller;
}

bool is_alive(const store::SessionRow& session, const Config& config, Instant now) {
    return now < session.last_used_at + config.auth.session_idle &&
           now < session.created_at + config.auth.session_max;
}

}  // namespace

Result<Caller> authenticate(const Request& request, Context& context) {
    if (request.peer.local) return local_caller();
    // Tokens and HTTP Basic come later; to ignore them would hide a typing error.
    if (!request.header("authorization").empty())
        return fail(Errc::unauthenticated, "Invalid token.");
    const auto secret = request.cookie(kSessionCookie);
    if (!secret || secret->empty()) return fail(Errc::unauthenticated, std::string(kNoCredentials));

    const SessionHash hash = session_hash(*secret);
    const auto session = context.store.find_session(hash);
    if (!session || !is_alive(*session, context.config, request.now))
        return fail(Errc::unauthenticated, std::string(kNoCredentials));
    const auto user = context.store.find_user(session->user);
    if (!user || !user->is_active) return fail(Errc::unauthenticated, "User inactive or deleted.");
    if (request.now >= session->last_used_at + std::chrono::minutes{1})
        context.store.observe_session_used(hash, request.now);
    return Caller{*user, hash, session->csrf};
}

Result<void> allow(const std::optional<Caller>& caller, domain::Right right) {
    if (right == domain::Right::anyone) return {};
    if (!caller) return fail(Errc::unauthenticated, std::string(kNoCredentials));
    if (domain::may(caller->user, right)) return {};
    Error error{Errc::forbidden, "You do not have permission to perform this action."};
    if (caller->user.must_change_password) {
        error.what = "The one-time password must be changed first.";
        error.fields.push_back({"", "password_change_required", error.what});
    }
    return std::unexpected(std::move(error));
}

Result<void> check_csrf(const Request& request, Token needed) {
    if (!is_unsafe(request.method) || request.peer.local) return {};
    if (is_cross_site(request))
        return fail(Errc::forbidden, "CSRF Failed: the request comes from another site.");
    if (needed == Token::not_needed || !request.caller || !request.caller->session) return {};
    std::string token(request.header("x-csrftoken"));
    if (token.empty()) token = form_field(request, "csrfmiddlewaretoken").value_or("");
    if (token.empty()) return fail(Errc::forbidden, "CSRF Failed: CSRF token missing.");
    if (!crypto::equal(token, request.caller->csrf))
        return fail(Errc::forbidden, "CSRF Failed: CSRF token incorrect.");
    return {};
}

store::Actor actor_of(const Request& request) {
    return {.user = request.caller ? request.caller->user.number : UserNumber{}};
}

std::string to_text(const Cookie& cookie) {
    std::string text(cookie.name);
    text += '=';
    text += cookie.value;
    text += "; Path=";
    text += cookie.path;
    text += "; Max-Age=" + std::to_string(cookie.value.empty() ? 0 : cookie.seconds.count());
    text += "; SameSite=Lax";
    if (cookie.readable == Readable::by_us_alone) text += "; HttpOnly";
    if (cookie.secure) text += "; Secure";
    return text;
}

std::string_view cookie_path(const Request& request) {
    return request.root == "/" ? "/api/" : request.root;
}

SessionHash session_hash(std::string_view secret) { return crypto::sha256(secret); }

}  // namespace cjv::web
