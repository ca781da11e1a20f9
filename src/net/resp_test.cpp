#include "net/resp.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cjv::net;
using Next = ReplyReader::Next;

namespace {

// One line a reply: what a test compares.
std::string words(const Reply& reply) {
    switch (reply.type()) {
        case ReplyType::nil: return "nil";
        case ReplyType::integer: return std::to_string(reply.integer());
        case ReplyType::text: return "\"" + std::string(reply.text()) + "\"";
        case ReplyType::status: return "+" + std::string(reply.text());
        case ReplyType::error: return "-" + std::string(reply.text());
        case ReplyType::array: break;
    }
    std::string all = "[";
    for (std::size_t i = 0; i < reply.size(); ++i) all += (i ? " " : "") + words(reply[i]);
    return all + "]";
}

struct Reading {
    std::vector<std::string> replies;
    std::string refusal;
    bool operator==(const Reading&) const = default;
};

Reading read(std::string_view bytes, std::size_t step = std::size_t(-1),
             const ReplyLimits& limits = {}) {
    ReplyReader reader(limits);
    Replies replies;
    Reading reading;
    while (!bytes.empty()) {
        auto piece = bytes.substr(0, step);
        bytes.remove_prefix(piece.size());
        for (;;) {
            const auto next = reader.next(piece, replies);
            if (next == Next::more) break;
            if (next == Next::broken) {
                reading.refusal = reader.refusal();
                bytes = {};
                break;
            }
        }
    }
    for (std::size_t i = 0; i < replies.size(); ++i) reading.replies.push_back(words(replies[i]));
    return reading;
}

constexpr std::string_view kConversation =
    "+OK\r\n:-42\r\n$5\r\nhe\r\no\r\n$-1\r\n$0\r\n\r\n*0\r\n*-1\r\n-OOM no memory\r\n"
    "*3\r\n:1\r\n*2\r\n$1\r\na\r\n*1\r\n+x\r\n$-1\r\n:7\r\n";

}  // namespace

TEST_CASE("a command is what Redis expects, whatever bytes are in its words") {
    Commands commands{"SET", "k", std::string_view("a\r\n\0b", 5)};
    commands.add({"PING"});

    CHECK(commands.count() == 2);
    CHECK(commands.bytes() == std::string("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\n\0b\r\n"
                                          "*1\r\n$4\r\nPING\r\n",
                                          45));
}

TEST_CASE("a script travels once in a batch, then by its name") {
    const Script script("return 1");
    CHECK(script.sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");

    Commands commands;
    commands.call(script, std::vector<std::string_view>{"k"}, std::vector<std::string_view>{"a"});
    commands.call(script, {}, {});

    CHECK(commands.bytes() ==
          "*5\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n1\r\n$1\r\nk\r\n$1\r\na\r\n"
          "*3\r\n$7\r\nEVALSHA\r\n$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n$1\r\n0\r\n");
}

TEST_CASE("every kind of reply is read") {
    CHECK(read(kConversation).replies ==
          std::vector<std::string>{"+OK", "-42", "\"he\r\no\"", "nil", "\"\"", "[]", "nil",
                                   "-OOM no memory", "[1 [\"a\" [+x]] nil]", "7"});
}

TEST_CASE("how the bytes are cut makes no difference") {
    const auto whole = read(kConversation);
    for (std::size_t step = 1; step < kConversation.size(); ++step)
        REQUIRE(read(kConversation, step) == whole);
}

TEST_CASE("what is not there is nil, empty or nothing") {
    ReplyReader reader;
    Replies replies;
    std::string_view bytes = "*1\r\n:1\r\n";
    REQUIRE(reader.next(bytes, replies) == Next::reply);

    CHECK(replies[7].is(ReplyType::nil));
    CHECK(replies[0][1].is(ReplyType::nil));
    CHECK(replies[0][0][0][0].is(ReplyType::nil));
    CHECK(replies[0].text().empty());
    CHECK(replies[0].integer() == 0);
    CHECK(replies[0][0].text().empty());
    CHECK(replies[0][0].integer() == 1);
    CHECK(replies[0].trouble() == Trouble::none);
}

TEST_CASE("the first trouble of a batch is found, one inside an array is not the batch's") {
    ReplyReader reader;
    Replies replies;
    std::string_view bytes = "+OK\r\n*1\r\n-ERR x\r\n";
    while (reader.next(bytes, replies) == Next::reply) {
    }
    CHECK(replies.trouble() == Trouble::none);
    CHECK(replies[1][0].trouble() == Trouble::other);

    bytes = "-LOADING x\r\n-OOM y\r\n";
    while (reader.next(bytes, replies) == Next::reply) {
    }
    CHECK(replies.trouble() == Trouble::loading);

    CHECK(sentence(replies[2]) ==
          "Redis is reading its data from disk; it will be ready soon (LOADING x)");
    CHECK(sentence(replies[0]).empty());

    replies.clear();
    bytes = "-ERR unknown command 'AUTH', with args beginning with: 'me' 'my password' \r\n";
    REQUIRE(reader.next(bytes, replies) == Next::reply);
    CHECK(sentence(replies[0]).find("AUTH") != std::string::npos);
    CHECK(sentence(replies[0]).find("password") == std::string::npos);

    replies.clear();
    CHECK(replies.empty());
    CHECK(replies.trouble() == Trouble::none);
}

TEST_CASE("a reply larger than the reader's pieces is whole") {
    const std::string text(300'000, 'x');
    const auto reading = read("*2\r\n$300000\r\n" + text + "\r\n:1\r\n", 1'000);
    CHECK(reading.replies == std::vector<std::string>{"[\"" + text + "\" 1]"});
}

TEST_CASE("what is no reply breaks the connection and is named") {
    CHECK(read("HTTP/1.1 400 Bad Request\r\n")
              .refusal.starts_with("it does not speak Redis' protocol: "));
    CHECK(read("$abc\r\n").refusal != "");
    CHECK(read("$-2\r\n").refusal != "");
    CHECK(read("*-7\r\n").refusal != "");
    CHECK(read("+fine\r\n\0garbage").replies == std::vector<std::string>{"+fine"});

    ReplyReader reader;
    Replies replies;
    std::string_view bytes = "?";
    CHECK(reader.next(bytes, replies) == Next::broken);
    bytes = "+OK\r\n";
    CHECK(reader.next(bytes, replies) == Next::broken);
}

TEST_CASE("later protocols than we asked for are refused") {
    for (const auto* bytes : {"%1\r\n+a\r\n+b\r\n", "~1\r\n+a\r\n", ">1\r\n+a\r\n", ",1.5\r\n",
                              "#t\r\n", "*1\r\n,1.5\r\n"})
        CHECK(read(bytes).refusal != "");
}

TEST_CASE("a hostile server costs no more memory than the limits say") {
    const ReplyLimits limits{.bytes = 1'000, .elements = 10, .line_bytes = 100};
    const std::string large(2'000, 'x');

    CHECK(read("*2147483647\r\n", 64, limits).refusal ==
          "the replies have more elements than we take");
    CHECK(read("*8\r\n*8\r\n", 64, limits).refusal ==
          "the replies have more elements than we take");
    CHECK(read("$999999999\r\n" + large, 64, limits).refusal == "a reply is larger than we take");
    CHECK(read("+" + large, 64, limits).refusal == "a line is longer than we take");
    CHECK(read("$" + std::string(300, '1'), 64, limits).refusal != "");
    CHECK(read("$600\r\n" + std::string(600, 'x') + "\r\n$600\r\n" + std::string(600, 'x') + "\r\n",
               64, limits)
              .refusal == "the replies are larger than we take");
}

TEST_CASE("limits hold the same for what comes in one piece") {
    const ReplyLimits limits{.bytes = 1'000, .elements = 500, .line_bytes = 100};
    const std::string line(98, 'x');
    std::string numbers = "*200\r\n";
    for (int i = 0; i < 200; ++i) numbers += ":1234\r\n";

    for (const std::size_t step : {std::size_t(1), std::size_t(1'000'000)}) {
        CHECK(read("+" + line + "\r\n", step, limits).replies.size() == 1);
        CHECK(read("+" + line + "x\r\n", step, limits).refusal == "a line is longer than we take");
        CHECK(read(numbers, step, limits).refusal == "a reply is larger than we take");
    }
}

TEST_CASE("arrays nest seven deep, not eight") {
    const auto nested = [](int depth) {
        std::string bytes;
        for (int i = 0; i < depth; ++i) bytes += "*1\r\n";
        return bytes + ":1\r\n";
    };
    CHECK(read(nested(7)).replies == std::vector<std::string>{"[[[[[[[1]]]]]]]"});
    CHECK(read(nested(8)).refusal == "a reply nests deeper than we take");
}
