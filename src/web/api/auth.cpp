#include "web/api/auth.h"

#include "base/crypto.h"
#include "domain/fields.h"
#include "domain/password_rule.h"
#include "domain/rights.h"
#include "web/api/user_view.h"
#include "web/auth.h"
#include "web/gate.h"

namespace cjv::web {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr domain::TextRule kName{.max_length = 150, .may_be_blank = false, .one_line = true};
constexpr domain::TextRule kPassword{.max_length = 4'096, .may_be_blank = false, .is_strict = true};
// Of a password that nobody knows, made with today's parameters: an unknown name costs the same work as a
// known one.
constexpr const char* kNobodysHash =
    "$argon2id$v=19$m=19456,t=2,p=1$kn1HzDpEYt6Ay8wZ+Wd5zg$"
    "oj/M38f+0rcE8EZbRM7zpeAyXgOMaf6FxPvEdtJfD6U";

void write_user(json::Writer& out, const domain::User& user) {
    out.begin_object();
    write_user_members(out, user);
    out.end_object();
}

struct Cookies {
    std::string_view session, csrf;
};
void set_cookies(Response& response, const Request& request, const Context& app,
                 const Cookies& cookies) {
    const auto& config = app.config;
    Cookie cookie{.path = cookie_path(request),
                  .secure = is_secure(request, config.server.trusted_proxies),
                  .seconds = config.auth.session_max};
    cookie.name = kSessionCookie;
    cookie.value = cookies.session;
    add_header(response, "Set-Cookie", to_text(cookie));
    cookie.name = kCsrfCookie;
    cookie.value = cookies.csrf;
    cookie.readable = Readable::by_script;
    add_header(response, "Set-Cookie", to_text(cookie));
}

// A try that may not be made yet.
std::optional<Response> hold_back(const Request& request, Context& app, std::string_view account) {
    const auto wait = app.throttle.before_try(account, request.client, app.clock.steady());
    if (!wait) return std::nullopt;
    const auto seconds = std::to_string(wait->count());
    Response response =
        refusal(request, 429, "throttled",
                "Request was throttled. Expected available in " + seconds + " seconds.");
    response.headers = {};  // its Retry-After is a guess; we know
    add_header(response, "Retry-After", seconds);
    return response;
}

// Both outlive a restart.
void note_failure(const Request& request, Context& app, std::string_view account) {
    app.store.observe_throttle(
        app.throttle.failed(account, request.client, app.clock.steady(), app.clock.now()));
}
void note_success(const Request& request, Context& app, std::string_view account) {
    if (const auto forget = app.throttle.succeeded(account, request.client))
        app.store.observe_throttle(*forget);
}

// A password that was hashed with other parameters than today's: this is the moment when it is known. That it may
// not succeed keeps nobody out. Returns the hash as it is then.
std::string rehash(Context& app, const domain::User& user, std::string_view password,
                   std::string before) {
    if (!crypto::needs_rehash(before)) return before;
    auto after = crypto::hash_password(password);
    const auto kept = after ? app.store.rehash_password(user.number, before, *after)
                            : std::unexpected(after.error());
    if (kept) return *std::move(after);
    app.log.warn("web.not_rehashed", {{"username", user.username}, {"error", kept.error().what}});
    return before;
}

// What the password is right for; nothing: it is wrong. One and the same work, whoever it is: hashing takes the
// time, and it is always done once.
std::optional<std::string> right_hash(const Context& app, const std::optional<domain::User>& user,
                                      std::string_view password, Instant now) {
    auto hash = user ? app.store.password_hash(user->number) : std::nullopt;
    const bool matches = crypto::verify_password(hash ? *hash : kNobodysHash, password);
    if (!matches || !hash || !user->is_active) return std::nullopt;
    const auto until = app.store.one_time_until(user->number);
    if (until && now >= *until) return std::nullopt;
    return hash;
}

// What somebody typed as a name may be a password: only names that there are get into the log.
Response refuse_sign_in(const Request& request, Context& app, std::string_view account,
                        const std::optional<domain::User>& user) {
    note_failure(request, app, account);
    app.log.info("web.sign_in_failed",
                 {{"username", user ? user->username : "(unknown)"}, {"from", request.client}});
    return problem(
        request,
        refuse("", "authorization", "Unable to log in with provided credentials.").error());
}

struct Credentials {
    std::string username, password;
};
Result<Credentials> read_credentials(const Request& request) {
    const auto body = read_object(request);
    if (!body) return std::unexpected(body.error());
    std::vector<FieldError> errors;
    domain::Fields fields(*body, "", errors);
    fields.require("username");
    fields.require("password");
    Credentials given{fields.text("username", kName).value_or(""),
                      fields.text("password", kPassword).value_or("")};
    fields.refuse_unknown({"csrfmiddlewaretoken", "next"});
    if (!errors.empty()) return domain::refuse_all(std::move(errors));
    return given;
}

struct NewPassword {
    std::string before, after;
};
Result<NewPassword> read_new_password(const Request& request) {
    const auto body = read_object(request);
    if (!body) return std::unexpected(body.error());
    std::vector<FieldError> errors;
    domain::Fields fields(*body, "", errors);
    fields.require("old_password");
    fields.require("new_password");
    NewPassword given{fields.text("old_password", kPassword).value_or(""),
                      fields.text("new_password", kPassword).value_or("")};
    fields.refuse_unknown({"csrfmiddlewaretoken"});
    if (errors.empty() && given.before == given.after)
        fields.refuse("new_password", "password_unchanged", "It is the same password as before.");
    if (errors.empty()) {
        const auto good =
            domain::check_password(given.after, request.caller->user.username, "new_password");
        if (!good) errors = good.error().fields;
    }
    if (!errors.empty()) return domain::refuse_all(std::move(errors));
    return given;
}

domain::CommandsBy commands_by(const Config& config) {
    switch (config.runner.commands) {
        case CommandsAllowed::off: return domain::CommandsBy::off;
        case CommandsAllowed::superusers: return domain::CommandsBy::superusers;
        case CommandsAllowed::owners: return domain::CommandsBy::owners;
    }
    return domain::CommandsBy::off;
}

void write_permissions(json::Writer& out, const domain::User& user, const Context& app) {
    out.begin_array();
    if (domain::may(user, domain::Right::view)) out.value("jobs.view");
    if (domain::may(user, domain::Right::change)) out.value("jobs.create");
    if (domain::may(user, domain::Right::administer)) out.value("jobs.manage");
    if (domain::may(user, domain::Right::change) &&
        domain::may_command(user, commands_by(app.config)))
        out.value("jobs.command");
    out.end_array();
}

}  // namespace

// Who has a session already keeps its token: another one would not fit it.
Response prepare_login(const Request& request, Context& app) {
    const bool has_session = request.caller && request.caller->session;
    const std::string token =
        has_session ? request.caller->csrf : crypto::random_text(kSecretBytes);
    Response response = empty(204);
    add_header(response, "Set-Cookie",
               to_text(Cookie{.name = kCsrfCookie,
                              .value = token,
                              .path = cookie_path(request),
                              .readable = Readable::by_script,
                              .secure = is_secure(request, app.config.server.trusted_proxies),
                              .seconds = app.config.auth.session_max}));
    return response;
}

Response log_in(const Request& request, Context& app) {
    const auto given = read_credentials(request);
    if (!given) return problem(request, given.error());
    if (auto held = hold_back(request, app, given->username)) return *std::move(held);

    const auto user = app.store.find_user(given->username);
    auto hash = right_hash(app, user, given->password, request.now);
    if (!hash) return refuse_sign_in(request, app, given->username, user);
    hash = rehash(app, *user, given->password, *std::move(hash));

    // A new session each time: one that somebody else may have planted is not taken over.
    const std::string secret = crypto::random_text(kSecretBytes);
    const store::SessionRow session{.hash = session_hash(secret),
                                    .user = user->number,
                                    .csrf = crypto::random_text(kSecretBytes),
                                    .created_at = request.now,
                                    .last_used_at = request.now};
    auto kept = app.store.create_session(session, *hash);
    if (!kept && kept.error().code == Errc::stale) {  // changed, or hashed anew by somebody else
        hash = right_hash(app, user, given->password, request.now);
        if (!hash) return refuse_sign_in(request, app, given->username, user);
        kept = app.store.create_session(session, *hash);
    }
    if (!kept) return problem(request, kept.error());
    note_success(request, app, given->username);
    if (request.caller && request.caller->session)
        if (const auto ended = app.store.delete_session(*request.caller->session); !ended)
            return problem(request, ended.error());

    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.key("user");
    write_user(out, *user);
    out.end_object();
    Response response = json(200, std::move(text));
    set_cookies(response, request, app, {secret, session.csrf});
    return response;
}

Response log_out(const Request& request, Context& app) {
    if (request.caller->session)
        if (const auto ended = app.store.delete_session(*request.caller->session); !ended)
            return problem(request, ended.error());
    Response response = empty(204);
    set_cookies(response, request, app, {"", ""});
    return response;
}

Response show_me(const Request& request, Context& app) {
    const domain::User& user = request.caller->user;
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.key("user");
    write_user(out, user);
    out.key("permissions");
    write_permissions(out, user, app);
    out.field("server_time", request.now);
    out.field("version", app.version);
    out.field("must_change_password", user.must_change_password);
    out.end_object();
    return json(200, std::move(text));
}

Response change_password(const Request& request, Context& app) {
    const domain::User& user = request.caller->user;
    if (!request.caller->session)
        return problem(request, Error{Errc::forbidden, "Only a person has a password to change."});
    const auto given = read_new_password(request);
    if (!given) return problem(request, given.error());
    if (auto held = hold_back(request, app, user.username)) return *std::move(held);

    const auto refuse_old = [&] {
        note_failure(request, app, user.username);
        return problem(request, refuse("old_password", "password_incorrect",
                                       "Your old password was entered incorrectly.")
                                    .error());
    };
    auto before = right_hash(app, user, given->before, request.now);
    if (!before) return refuse_old();
    const auto after = crypto::hash_password(given->after);
    if (!after) return problem(request, after.error());
    const auto change = [&] {
        return app.store.change_password(user.number, *before, *after, *request.caller->session,
                                         actor_of(request));
    };
    auto changed = change();
    if (!changed && changed.error().code == Errc::stale) {  // or hashed anew by somebody else
        before = right_hash(app, user, given->before, request.now);
        if (!before) return refuse_old();
        changed = change();
    }
    if (!changed) return problem(request, changed.error());
    note_success(request, app, user.username);
    return empty(204);
}

}  // namespace cjv::web
