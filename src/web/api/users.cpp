#include "web/api/users.h"

#include <algorithm>
#include <charconv>

#include "base/crypto.h"
#include "domain/fields.h"
#include "domain/password_rule.h"
#include "web/api/paging.h"
#include "web/api/user_view.h"
#include "web/auth.h"

namespace cjv::web {
namespace {

constexpr domain::TextRule kName{.max_length = 150, .may_be_blank = false, .one_line = true};
constexpr domain::TextRule kWords{.max_length = 150, .one_line = true};
constexpr domain::TextRule kPassword{.max_length = 4'096, .is_strict = true};

void write_user(json::Writer& out, const domain::User& user) {
    out.begin_object();
    write_user_members(out, user);
    out.field("is_active", user.is_active);
    out.field("created_at", user.created_at);
    out.end_object();
}

// The user that the path names; `not_found` when there is none.
Result<domain::User> path_user(const Request& request, const Context& app) {
    std::int64_t number = 0;
    const std::string_view text = request.value;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    auto user = is_number ? app.store.find_user(UserNumber{number}) : std::nullopt;
    if (!user) return fail(Errc::not_found, "Not found.");
    return std::move(*user);
}

struct NewUser {
    domain::User user;
    std::string password;
};

Result<NewUser> read_new_user(const Request& request) {
    const auto body = read_object(request);
    if (!body) return std::unexpected(body.error());
    std::vector<FieldError> errors;
    domain::Fields fields(*body, "", errors);
    NewUser made;
    fields.require("username");
    fields.require("password");
    made.user.username = fields.text("username", kName).value_or("");
    made.user.first_name = fields.text("first_name", kWords).value_or("");
    made.user.last_name = fields.text("last_name", kWords).value_or("");
    made.user.email = fields.text("email", {.max_length = 254, .one_line = true}).value_or("");
    made.user.is_superuser = fields.boolean("is_superuser").value_or(false);
    made.user.is_staff = fields.boolean("is_staff").value_or(false) || made.user.is_superuser;
    made.password = fields.text("password", kPassword).value_or("");
    fields.refuse_unknown({"id", "is_active", "created_at", "csrfmiddlewaretoken"});
    if (errors.empty()) {
        const auto good = domain::check_password(made.password, made.user.username, "password");
        if (!good) errors = good.error().fields;
    }
    if (!errors.empty()) return domain::refuse_all(std::move(errors));
    return made;
}

}  // namespace

Response list_users(const Request& request, Context& app) {
    const auto page = read_page(request);
    if (!page) return problem(request, page.error());
    const auto users = app.store.users();
    return answer_page(request, app.config.server.trusted_proxies, *page, users, write_user);
}

Response create_user(const Request& request, Context& app) {
    const auto asked = read_new_user(request);
    if (!asked) return problem(request, asked.error());
    auto hash = crypto::hash_password(asked->password);
    if (!hash) return problem(request, hash.error());

    const auto made = app.store.create_user(asked->user, std::move(*hash), actor_of(request));
    if (!made) return problem(request, made.error());

    std::string text;
    json::Writer out(text);
    write_user(out, *made);
    return json(201, std::move(text));
}

Response set_user_password(const Request& request, Context& app) {
    const auto user = path_user(request, app);
    if (!user) return problem(request, user.error());
    const auto body = read_object(request);
    if (!body) return problem(request, body.error());
    std::vector<FieldError> errors;
    domain::Fields fields(*body, "", errors);
    fields.require("new_password");
    const std::string password = fields.text("new_password", kPassword).value_or("");
    fields.refuse_unknown({"csrfmiddlewaretoken"});
    if (errors.empty())
        if (const auto good = domain::check_password(password, user->username, "new_password");
            !good)
            errors = good.error().fields;
    if (!errors.empty()) return problem(request, domain::refuse_all(std::move(errors)).error());

    auto hash = crypto::hash_password(password);
    if (!hash) return problem(request, hash.error());
    const auto changed = app.store.set_password(user->number, std::move(*hash), std::nullopt,
                                                nullptr, actor_of(request));
    if (!changed) return problem(request, changed.error());
    // Who was told a new password need not wait because of tries with others.
    for (const store::ThrottleRow& row : app.throttle.forget(user->username))
        app.store.observe_throttle(row);
    return empty(204);
}

}  // namespace cjv::web
