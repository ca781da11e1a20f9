// Two at once: what a handler has looked at changes before its own change is written.
#include "base/crypto.h"
#include "support/web.h"
#include "web/api/auth.h"
#include "web/api/job_view.h"
#include "web/api/jobs.h"
#include "web/auth.h"

#include <doctest/doctest.h>

namespace cjv::web {
namespace {

using support::a_job;
using support::must;
using support::WebWorld;

constexpr std::string_view kPassword = "a long enough password", kOther = "another long password";

std::string hash_of(std::string_view password) { return must(crypto::hash_password(password)); }

struct World : WebWorld {
    domain::User ada =
        must(store->create_user({.number = {}, .username = "ada"}, hash_of(kPassword), {}));

    // Somebody else sets her password at that moment.
    void reset_password_meanwhile() {
        before_statement = [this] {
            must(store->set_password(ada.number, hash_of(kOther), std::nullopt, nullptr, {}));
        };
    }
};

}  // namespace

TEST_CASE("who deletes a job that somebody else changes at that moment is shown it as it is now") {
    WebWorld world;
    const auto job = world.create(a_job().name("before"));
    const std::string id = to_text(job->job->id), tag = etag_of(*job->job);
    Request asked = world.request(Method::delete_);
    asked.value = id;
    asked.headers.push_back({"If-Match", tag});
    world.before_statement = [&] {
        must(world.store->update_job(job->number, 1, a_job().name("after").job(), {}));
    };

    const Response response = delete_job(asked, world.context);

    CHECK(response.status == 412);
    CHECK(response.body.find(R"("current":{)") != std::string::npos);
    CHECK(response.body.find(R"("name":"after")") != std::string::npos);
    CHECK(world.store->board().find(job->number));
}

TEST_CASE("a sign-in that is under way when the password changes opens no session") {
    World world;
    const std::string body = R"({"username":"ada","password":")" + std::string(kPassword) + R"("})";
    Request asked = world.request(Method::post, body);
    asked.caller.reset();
    world.reset_password_meanwhile();

    const Response response = log_in(asked, world.context);

    CHECK(response.status == 400);
    CHECK(response.headers.find("Set-Cookie") == std::string::npos);
    auto db = world.reader();
    CHECK(must(db.find("SELECT count(*) FROM sessions", {},
                       [](const store::Row& row) { return row.integer(0); })) == 0);
}

TEST_CASE("a sign-in is not lost because the same password is hashed anew at that moment") {
    World world;
    const std::string body = R"({"username":"ada","password":")" + std::string(kPassword) + R"("})";
    Request asked = world.request(Method::post, body);
    asked.caller.reset();
    world.before_statement = [&] {
        must(world.store->set_password(world.ada.number, hash_of(kPassword), std::nullopt, nullptr,
                                       {}));
    };

    CHECK(log_in(asked, world.context).status == 200);
}

TEST_CASE("a change of the password that is under way when it is reset does not undo the reset") {
    World world;
    store::SessionRow session{.user = world.ada.number,
                              .csrf = "c",
                              .created_at = world.clock.now(),
                              .last_used_at = world.clock.now()};
    session.hash.fill(1);
    must(world.store->create_session(session, *world.store->password_hash(world.ada.number)));
    const std::string body = R"({"old_password":")" + std::string(kPassword) +
                             R"(","new_password":"the password of a thief"})";
    Request asked = world.request(Method::post, body);
    asked.caller = Caller{world.ada, session.hash, "c"};
    world.reset_password_meanwhile();

    CHECK(change_password(asked, world.context).status == 400);

    CHECK(crypto::verify_password(*world.store->password_hash(world.ada.number), kOther));
}

}  // namespace cjv::web
