// TLS with an authority of the test's own.

#include "redis/world.h"
#include "support/redis_server.h"

#include <doctest/doctest.h>

using namespace cjv;
using namespace cjv::redis_test;
using support::must_run;
using support::RedisServer;
using support::TempFolder;

namespace {

// An authority, a server's certificate for 127.0.0.1 and localhost, one for another name, a client's,
// and an authority that signed none of them.
struct Authority {
    Authority() {
        make_authority("ca");
        make_authority("other-ca");
        sign("server", "IP:127.0.0.1,DNS:localhost");
        sign("elsewhere", "DNS:redis.example.com");
        sign("client", "DNS:client");
    }
    std::string file(std::string_view name) const { return folder.path() / name; }

    void make_authority(const std::string& name) const {
        must_run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file(name + ".key"), "-out",
                  file(name + ".pem"), "-days", "2", "-subj", "/CN=" + name, "-out",
                  file(name + ".pem")});
    }
    void sign(const std::string& name, const std::string& names) const {
        must_run({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                  "-nodes", "-keyout", file(name + ".key"), "-out", file(name + ".csr"), "-subj",
                  "/CN=" + name});
        folder.file(name + ".ext", "subjectAltName=" + names + "\n");
        must_run({"openssl", "x509", "-req", "-in", file(name + ".csr"), "-CA", file("ca.pem"),
                  "-CAkey", file("ca.key"), "-CAcreateserial", "-out", file(name + ".pem"), "-days",
                  "2", "-extfile", file(name + ".ext")});
    }

    TempFolder folder;
};

const Authority& authority() {
    static const Authority made;
    return made;
}

// A port for TLS beside the plain one.
struct TlsServer {
    explicit TlsServer(const std::string& certificate = "server", const std::string& clients = "no")
        : server({"--tls-port", std::to_string(port), "--tls-cert-file",
                  authority().file(certificate + ".pem"), "--tls-key-file",
                  authority().file(certificate + ".key"), "--tls-ca-cert-file",
                  authority().file("ca.pem"), "--tls-auth-clients", clients}) {}

    std::string url(const std::string& options, const std::string& host = "127.0.0.1") const {
        return "rediss://" + host + ":" + std::to_string(port) + "/0?ssl_cert_reqs=required" +
               options;
    }

    const std::uint16_t port = support::free_port();
    RedisServer server;
};

std::string trusting(const std::string& name) { return "&ssl_ca_certs=" + authority().file(name); }

struct Client {
    explicit Client(std::string_view url)
        : redis(world.io, World::options(url), {}, world.clock, world.log) {}
    World world;
    Redis redis;
};

}  // namespace

TEST_CASE(
    "a server with a certificate of the named authority is spoken to, by address and by name") {
    const TlsServer server;
    Client by_address(server.url(trusting("ca.pem")));
    Client by_name(server.url(trusting("ca.pem"), "localhost"));

    REQUIRE(becomes(by_address.redis, Is::ready));
    CHECK(becomes(by_name.redis, Is::ready));
    const std::string large(3'000'000, 'x');
    Commands commands{"SET", "large", large};
    for (int i = 0; i < 2'000; ++i) commands.add({"ECHO", std::to_string(i)});
    commands.add({"GET", "large"});
    const auto answer = by_address.redis.ask(std::move(commands));
    REQUIRE(answer);
    CHECK((*answer)[2'000].text() == "1999");
    CHECK((*answer)[2'001].text() == large);
}

TEST_CASE("a certificate of another authority, or for another name, is not accepted") {
    const TlsServer server;
    const TlsServer elsewhere("elsewhere");
    Client other_authority(server.url(trusting("other-ca.pem")));
    Client system_authorities(server.url(""));
    Client other_address(elsewhere.url(trusting("ca.pem")));
    Client other_name(elsewhere.url(trusting("ca.pem"), "localhost"));

    check_says(other_authority.redis, "the certificate of 127.0.0.1 is not accepted");
    check_says(system_authorities.redis, "the certificate of 127.0.0.1 is not accepted");
    check_says(other_address.redis, "IP address mismatch");
    check_says(other_name.redis, "hostname mismatch");
}

TEST_CASE("a server that wants a certificate of ours gets it") {
    const TlsServer server("server", "yes");
    Client with(server.url(trusting("ca.pem") + "&ssl_certfile=" + authority().file("client.pem") +
                           "&ssl_keyfile=" + authority().file("client.key")));
    Client without(server.url(trusting("ca.pem")));

    CHECK(becomes(with.redis, Is::ready));
    CHECK(becomes(without.redis, Is::away));
    CHECK(without.redis.state().connection == 0);
}

TEST_CASE("a file that is not what it should be is named") {
    const TlsServer server;
    Client missing(server.url("&ssl_ca_certs=/no/such/file.pem"));
    Client no_key(
        server.url(trusting("ca.pem") + "&ssl_certfile=" + authority().file("client.pem")));

    check_says(missing.redis, "/no/such/file.pem is not a file of certificate authorities (PEM)");
    check_says(no_key.redis, "client.pem is not the private key of that certificate");
}

TEST_CASE(
    "TLS to a plain port, and a plain connection to a port of TLS, are left with a sentence") {
    const TlsServer server;
    Client to_plain("rediss://127.0.0.1:" + std::to_string(server.server.port()) +
                    "/0?ssl_ca_certs=" + authority().file("ca.pem"));
    Client to_tls("redis://127.0.0.1:" + std::to_string(server.port) + "/0");

    check_says(to_plain.redis, "no TLS with this server");
    CHECK(becomes(to_tls.redis, Is::away));
}

TEST_CASE("a Redis over TLS that hangs is found, and comes back") {
    TlsServer server;
    Client client(server.url(trusting("ca.pem")));
    REQUIRE(becomes(client.redis, Is::ready));

    server.server.pause();
    CHECK(becomes(client.redis, Is::away));
    server.server.resume();
    CHECK(reaches(client.redis, 2));
}
