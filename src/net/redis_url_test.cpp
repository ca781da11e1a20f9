#include "net/redis_url.h"

#include <doctest/doctest.h>

#include <sstream>

#include "support/must.h"

using namespace cjv;
using namespace cjv::net;
using support::must;
using Via = RedisUrl::Via;

namespace {

std::string refusal_of(std::string_view text) {
    const auto url = parse_redis_url(text);
    if (url) return "accepted";
    CHECK(url.error().code == Errc::bad_input);
    return url.error().what;
}

}  // namespace

TEST_CASE("an address without parts has Redis' own defaults") {
    for (const auto* text : {"redis://", "redis:///", "redis://127.0.0.1", "REDIS://:6379/0"}) {
        const auto url = must(parse_redis_url(text));
        CHECK(url.via == Via::tcp);
        CHECK(url.host == "127.0.0.1");
        CHECK(url.port == 6379);
        CHECK(url.database == 0);
        CHECK(url.user.empty());
        CHECK(url.password.empty());
    }
}

TEST_CASE("every part of an address is read") {
    const auto url = must(parse_redis_url("redis://ops:se%40cr%2Fet@redis.example.com:6380/12"));
    CHECK(url.host == "redis.example.com");
    CHECK(url.port == 6380);
    CHECK(url.user == "ops");
    CHECK(url.password.reveal() == "se@cr/et");
    CHECK(url.database == 12);
}

TEST_CASE("a password stands alone after a colon, and a raw @ may be in it") {
    CHECK(must(parse_redis_url("redis://:p@ss@host/1")).password.reveal() == "p@ss");
    CHECK(must(parse_redis_url("redis://:p@ss@host/1")).user.empty());
}

TEST_CASE("an IPv6 address stands in brackets, in both directions") {
    const auto url = must(parse_redis_url("redis://[::1]:7000/3"));
    CHECK(url.host == "::1");
    CHECK(url.port == 7000);
    CHECK(to_text(url) == "redis://[::1]:7000/3");
}

TEST_CASE("TLS takes its files from the options") {
    const auto url = must(parse_redis_url(
        "rediss://:pw@host:6380/0?ssl_cert_reqs=required&ssl_ca_certs=%2Fetc%2Fca.pem"
        "&ssl_certfile=/etc/us.pem&ssl_keyfile=/etc/us.key&ssl_check_hostname=true"));
    CHECK(url.via == Via::tls);
    CHECK(url.tls.ca_file == "/etc/ca.pem");
    CHECK(url.tls.certificate == "/etc/us.pem");
    CHECK(url.tls.key_file == "/etc/us.key");
    CHECK(parse_redis_url("rediss://host?ssl_cert_reqs=CERT_REQUIRED"));
}

TEST_CASE("a Unix socket has its database in an option") {
    const auto url =
        must(parse_redis_url("redis+socket:///var/run/redis/redis.sock?virtual_host=5"));
    CHECK(url.via == Via::unix_socket);
    CHECK(url.path == "/var/run/redis/redis.sock");
    CHECK(url.database == 5);
    CHECK(to_text(url) == "redis+socket:///var/run/redis/redis.sock?virtual_host=5");
    CHECK(must(parse_redis_url("redis+socket://u:p%20w@/tmp/r.sock")).password.reveal() == "p w");
}

TEST_CASE("what is shown has no password and no file") {
    CHECK(to_text(must(parse_redis_url("redis://ops:secret@host/1"))) ==
          "redis://ops:********@host:6379/1");
    CHECK(to_text(must(parse_redis_url("rediss://:secret@host?ssl_ca_certs=/a/b"))) ==
          "rediss://:********@host:6379/0");
    CHECK(to_text(must(parse_redis_url("redis+socket://:secret@/r.sock"))) ==
          "redis+socket://:********@/r.sock?virtual_host=0");
}

TEST_CASE("a refusal says what was wrong and what would be right") {
    CHECK(refusal_of("localhost:6379").starts_with("it is not a URL; write redis://host:6379/0"));
    CHECK(refusal_of("amqp://host").starts_with("the scheme is not one of Redis; write redis://"));
    CHECK(refusal_of("sentinel://a:26379;sentinel://b:26379") ==
          "Redis Sentinel (sentinel://) is not supported yet");
    CHECK(
        refusal_of("redis://host/zero").starts_with("the database must be a whole number from 0"));
    CHECK(refusal_of("redis://host/-1").starts_with("the database must be"));
    CHECK(refusal_of("redis://host:0/1") == "the port must be a whole number from 1 to 65535");
    CHECK(refusal_of("redis://host:65536") == "the port must be a whole number from 1 to 65535");
    CHECK(refusal_of("redis://ho st").starts_with("the host is neither a name nor an address"));
    CHECK(refusal_of("redis://[::1") == "the IPv6 address has no closing bracket");
    CHECK(refusal_of("redis://word@host").starts_with("there is a user without a password"));
    CHECK(refusal_of("redis://ops:@host").starts_with("the user has an empty password"));
    CHECK(refusal_of("redis://:100%@host").starts_with("the password has a '%' without two"));
    CHECK(refusal_of("redis+socket://var/run/r.sock").starts_with("the socket's path must be abs"));
    CHECK(refusal_of("redis+socket:///" + std::string(120, 'a')) ==
          "the socket's path is longer than 107 bytes");
}

TEST_CASE("an option that we do not honour is refused by its name") {
    CHECK(refusal_of("redis://host?socket_timeout=3")
              .starts_with("the option 'socket_timeout' is not known here"));
    CHECK(refusal_of("redis://host?ssl_ca_certs=/a") ==
          "the option 'ssl_ca_certs' needs rediss://");
    CHECK(
        refusal_of("redis://host?virtual_host=3").starts_with("the option 'virtual_host' is not"));
    CHECK(refusal_of("rediss://host?ssl_cert_reqs=none")
              .starts_with("ssl_cert_reqs must be 'required'"));
    CHECK(refusal_of("rediss://host?ssl_check_hostname=false")
              .starts_with("ssl_check_hostname must be true"));
    CHECK(refusal_of("rediss://host?ssl_ca_certs=") == "the option 'ssl_ca_certs' names no file");
    CHECK(refusal_of("rediss://host?ssl_keyfile=/k") == "ssl_keyfile needs ssl_certfile as well");
    CHECK(refusal_of("rediss://host?ssl_ca_certs=/a&ssl_ca_certs=/b") ==
          "the option 'ssl_ca_certs' is there twice");
}

TEST_CASE("no refusal quotes a piece of a password that was not encoded") {
    for (const auto* text : {"redis://:hunter/2secret@host/0", "redis://:hunter?2secret@host",
                             "redis://:hunter#2secret@host", "redis://hunter2secret@host",
                             "redis://:hunter%2secret@host", "redis://hunter2secret:@host"}) {
        const auto refusal = refusal_of(text);
        CAPTURE(text);
        CHECK(refusal != "accepted");
        CHECK(refusal.find("hunter") == refusal.npos);
        CHECK(refusal.find("2secret") == refusal.npos);
    }
    CHECK(refusal_of("redis://:a/b@host/0") ==
          "there is an '@' after a '/'; in a password '/' is written %2F");
}
