#include "web/framing.h"

#include "web/parser.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

// S-27 of docs/design/guarantees.md as bytes, beginning with what Beast alone lets pass: what counts is
// what parser and guard do together.
namespace cjv::web {
namespace {

using State = Parser::State;

// Feeds `bytes` in pieces of `step`; stops at the first refusal or complete request.
State feed(Parser& parser, std::string_view bytes, std::size_t step = SIZE_MAX) {
    State state = parser.state();
    while (!bytes.empty() && state != State::refused && state != State::complete) {
        const auto room = parser.room();
        const auto count = std::min({step, bytes.size(), room.size()});
        std::memcpy(room.data(), bytes.data(), count);
        bytes.remove_prefix(count);
        state = parser.took(count);
    }
    return state;
}

int status_of(std::string_view bytes) {
    Parser parser;
    const State state = feed(parser, bytes);
    if (state == State::complete) return 200;
    return state == State::refused ? parser.refusal().status : 0;
}

std::string post(std::string_view fields, std::string_view body = "") {
    std::string bytes = "POST /api/x/ HTTP/1.1\r\nHost: a\r\n";
    bytes += fields;
    bytes += "\r\n";
    bytes += body;
    return bytes;
}

std::string get(std::string_view target, std::string_view fields = "Host: a\r\n") {
    std::string bytes = "GET ";
    bytes += target;
    bytes += " HTTP/1.1\r\n";
    bytes += fields;
    bytes += "\r\n";
    return bytes;
}

}  // namespace

TEST_CASE("sound requests are read whole") {
    for (const std::string& bytes : std::vector<std::string>{
             get("/"), get("/a?b=%20c&d[]=1"), get("/", "host: a:8000\r\n"), get("http://a/x"),
             get("HTTP://A/x?y"), get("http://a"), get("/", "Host: [::1]:80\r\nAccept: */*\r\n"),
             post("Content-Length: 0\r\n"), post("Content-Length: 3\r\n", "abc"),
             post("Content-Length: 003\r\n", "abc"),
             post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"),
             post("transfer-encoding: CHUNKED\r\n", "A\r\n0123456789\r\n000\r\n\r\n"),
             std::string("GET / HTTP/1.0\r\nHost: a\r\n\r\n")}) {
        CAPTURE(bytes);
        CHECK(status_of(bytes) == 200);
    }
}

TEST_CASE("whatever two readers could frame differently is refused") {
    const std::string chunk = "3\r\nabc\r\n0\r\n\r\n";
    const std::string smuggled = "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const std::string& bytes : std::vector<std::string>{
             // Content-Length beside Transfer-Encoding, in either order
             post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", smuggled),
             post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", smuggled),
             post("Content-Length: 5\r\nTransfer-Encoding: gzip\r\n", "abcde"),
             post("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", "abcde"),
             post("Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", "abcde"),
             // encodings that are not exactly `chunked`
             post("Transfer-Encoding: gzip\r\n", "abcde"),
             post("Transfer-Encoding: xchunked\r\n", chunk),
             post("Transfer-Encoding: gzip, chunked\r\n", chunk),
             post("Transfer-Encoding: chunked, identity\r\n", chunk),
             post("Transfer-Encoding: chunked, chunked\r\n", chunk),
             post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunk),
             post("Transfer-Encoding: \"chunked\"\r\n", chunk),
             post("Transfer-Encoding: chunked;q=1\r\n", chunk),
             post("Transfer-Encoding:\r\n", chunk), post("Transfer-Encoding : chunked\r\n", chunk),
             post("Transfer-Encoding\x0b: chunked\r\n", chunk),
             "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
             // lengths
             post("Content-Length: 5\r\nContent-Length: 5\r\n", "abcde"),
             post("Content-Length: 5\r\nContent-Length: 6\r\n", "abcde"),
             post("Content-Length: 5, 5\r\n", "abcde"), post("Content-Length: +5\r\n", "abcde"),
             post("Content-Length: -1\r\n"), post("Content-Length: 0x5\r\n", "abcde"),
             post("Content-Length: 5 5\r\n", "abcde"), post("Content-Length:\r\n"),
             post("Content-Length: 18446744073709551616\r\n"), post("Content-Length : 5\r\n"),
             // chunks
             post("Transfer-Encoding: chunked\r\n", "3;x=y\r\nabc\r\n0\r\n\r\n"),
             post("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n"),
             post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
             post("Transfer-Encoding: chunked\r\n", "-3\r\nabc\r\n0\r\n\r\n"),
             post("Transfer-Encoding: chunked\r\n", "3\nabc\n0\n\n"),
             post("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n"),
             post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n"),
             post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\nHost: b\r\n\r\n"),
             post("Transfer-Encoding: chunked\r\n", std::string(5'000, '0')),
             // hosts and targets
             get("/", "Host: a\r\nHost: a\r\n"), get("/", "Host: a\r\nHost: b\r\n"),
             get("/", "Accept: */*\r\n"), get("/", "Host:\r\n"), get("/", "Host: a, b\r\n"),
             get("/", "Host: user@a\r\n"), get("/", "Host: a/b\r\n"), get("http://b/"),
             get("http://a@b/"), get("ftp://a/"), get("*"), get("a:80"), get("x"), get("/a#b"),
             get("/a\\b"), get("/a%zz"), get("/a%"), get("/a%00b"), get("/a\x7f"), get("/\xc3\xa9"),
             get("/a\tb"), get("/" + std::string(1'024, 'a')),
             // lines
             "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n",
             "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", get("/", "Host: a\r\nX: 1\r\n 2\r\n"),
             get("/", "Host: a\r\nX: 1\r\n\t2\r\n"), get("/", "Host: a\r\nX\r\n"),
             get("/", "Host: a\r\n: 1\r\n"), get("/", "Host: a\r\nX Y: 1\r\n"),
             get("/", "Host: a\r\nX: 1\r2\r\n"), get("/", std::string("Host: a\r\nX: 1\0\r\n", 16)),
             // versions and methods
             "GET / HTTP/1.9\r\nHost: a\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
             "GET / http/1.1\r\nHost: a\r\n\r\n", "GET /\r\n\r\n",
             "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
             " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
             "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
             std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11)}) {
        CAPTURE(bytes);
        CHECK(status_of(bytes) == 400);
    }
}

TEST_CASE("each size is taken up to its limit, and one more is refused") {
    const auto line_of = [](std::size_t size) {
        return "X: " + std::string(size - 5, 'y') + "\r\n";
    };
    CHECK(status_of(get("/", "Host: a\r\n" + line_of(4'096))) == 200);
    CHECK(status_of(get("/", "Host: a\r\n" + line_of(4'097))) == 431);

    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
    const std::size_t rest = kMaxHeadBytes - start.size() - 2 - 4'096;
    CHECK(status_of(start + line_of(4'096) + line_of(rest) + "\r\n") == 200);
    CHECK(status_of(start + line_of(4'096) + line_of(rest + 1) + "\r\n") == 431);
    CHECK(status_of(start + line_of(4'000) + line_of(4'000) + line_of(4'000)) == 431);

    const auto fields = [](int count) {
        std::string text = "Host: a\r\n";
        for (int i = 1; i < count; ++i) text += "X: 1\r\n";
        return text;
    };
    CHECK(status_of(get("/", fields(64))) == 200);
    CHECK(status_of(get("/", fields(65))) == 431);

    CHECK(status_of(get("/" + std::string(1'023, 'a') + "?" + std::string(1'500, 'b'))) == 200);

    const std::string body(kMaxBodyBytes, 'b');
    CHECK(status_of(post("Content-Length: 1048576\r\n", body)) == 200);
    CHECK(status_of(post("Content-Length: 1048577\r\n")) == 413);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n",
                         "100000\r\n" + body + "\r\n0\r\n\r\n")) == 200);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n",
                         "100001\r\n" + body + "b\r\n0\r\n\r\n")) == 413);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n",
                         "100000\r\n" + body + "\r\n1\r\nb\r\n0\r\n\r\n")) == 413);
}

TEST_CASE("a bare line feed is refused before its head is complete") {
    Parser parser;
    CHECK(feed(parser, "GET / HTTP/1.1\n") == State::refused);
}

TEST_CASE("a request is the same in one piece and byte by byte") {
    for (const std::string& bytes :
         {post("Content-Length: 3\r\n", "a\nc"),
          post("Transfer-Encoding: chunked\r\n", "2\r\na\n\r\n1\r\nc\r\n0\r\n\r\n")}) {
        Parser parser;
        REQUIRE(feed(parser, bytes, 1) == State::complete);

        Request request;
        parser.fill(request);
        CHECK(request.method == Method::post);
        CHECK(request.path == "/api/x/");
        CHECK(request.body == "a\nc");
        CHECK(request.header("HOST") == "a");
        CHECK(parser.next() == State::empty);
    }
}

TEST_CASE("a last chunk that comes in pieces and is none is refused like any other") {
    Parser parser;
    CHECK(feed(parser, post("Transfer-Encoding: chunked\r\n", "0\r\nabc\r\n0\r\n\r\n"), 1) ==
          State::refused);
}

TEST_CASE("requests that came in one piece are given out one by one") {
    Parser parser;
    const std::string bytes =
        get("/one") + post("Content-Length: 1\r\n", "2") + get("http://a/three?x");
    std::vector<std::string> paths;
    State state = feed(parser, bytes);
    Request request;
    while (state == State::complete) {
        parser.fill(request);
        paths.emplace_back(request.target);
        state = parser.next();
    }
    CHECK(paths == std::vector<std::string>{"/one", "/api/x/", "/three?x"});
    CHECK(state == State::empty);
}

TEST_CASE("a client that waits to be told to go on is seen") {
    Parser parser;
    CHECK(feed(parser, post("Expect: 100-continue\r\nContent-Length: 3\r\n")) == State::body);
    CHECK(parser.expects_continue());

    Parser other;
    CHECK(feed(other, post("Content-Length: 3\r\n")) == State::body);
    CHECK_FALSE(other.expects_continue());
}

TEST_CASE("a connection is kept when both sides want it") {
    const auto kept = [](std::string_view bytes) {
        Parser parser;
        REQUIRE(feed(parser, bytes) == State::complete);
        return parser.keep_alive();
    };
    CHECK(kept(get("/")));
    CHECK_FALSE(kept(get("/", "Host: a\r\nConnection: close\r\n")));
    CHECK_FALSE(kept("GET / HTTP/1.0\r\nHost: a\r\n\r\n"));
}

TEST_CASE("the guard alone needs no parser") {
    const std::vector<Header> fields = {{"Host", "a"}, {"Content-Length", "5"}};
    CHECK_FALSE(refuse_head({"POST", "/", 11, fields}));
    CHECK(refuse_head({"POST", "/", 12, fields}));
    CHECK(refuse_head({"POST", "http://b/", 11, fields}));
    CHECK(origin_form("http://a") == "/");
    CHECK(origin_form("http://a/b?c") == "/b?c");
}

}  // namespace cjv::web
