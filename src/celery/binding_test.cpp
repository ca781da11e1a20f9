#include "celery/binding.h"

#include <doctest/doctest.h>

namespace cjv::celery {

TEST_CASE("a binding is read from its member") {
    const Transport transport;
    CHECK(read_binding(transport, binding_member(transport, "celery", "celery")) ==
          Binding{"celery", false, "celery"});
    CHECK(read_binding(transport, "a.#\x06\x16^a\\..*?$\x06\x16t1") == Binding{"a.#", true, "t1"});
    CHECK(read_binding(transport, "\x06\x16\x06\x16w1@h.celery.pidbox") ==
          Binding{"", false, "w1@h.celery.pidbox"});
    CHECK_FALSE(read_binding(transport, "celery"));
    CHECK_FALSE(read_binding(transport,
                             "a\x06\x16"
                             "b"));
    CHECK_FALSE(read_binding(transport, "a\x06\x16\x06\x16"));
}

TEST_CASE("topics match by words") {
    struct Case {
        const char* pattern;
        const char* key;
        bool matches;
    };
    for (const auto& [pattern, key, expected] : {Case{"a.b", "a.b", true},
                                                 {"a.b", "a.c", false},
                                                 {"a.*", "a.b", true},
                                                 {"a.*", "a.b.c", false},
                                                 {"*.b", "a.b", true},
                                                 {"#", "", true},
                                                 {"#", "a.b.c", true},
                                                 {"a.#", "a.b", true},
                                                 {"a.#", "a.b.c", true},
                                                 {"a.#", "a", false},
                                                 {"a.#.z", "a.b.c.z", true},
                                                 {"a.#.z", "a.b.z.c.z", true},
                                                 {"a.#.z", "a.b.c", false},
                                                 {"#.z", "a.z", true},
                                                 {"*", "a", true},
                                                 {"*", "a.b", false}}) {
        CAPTURE(pattern);
        CAPTURE(key);
        CHECK(topic_matches(pattern, key) == expected);
    }
}

TEST_CASE("an exchange feeds the queues that match, each once") {
    const Transport transport;
    const std::vector<std::string> members = {
        binding_member(transport, "dk", "d1"), "a.#\x06\x16^a\\..*?$\x06\x16t1",
        "a.b\x06\x16^a\\.b$\x06\x16t1", binding_member(transport, "a.b", "d2"), "nonsense"};
    CHECK(bound_queues(transport, members, "a.b") == std::vector<std::string>{"t1", "d2"});
    CHECK(bound_queues(transport, members, "dk") == std::vector<std::string>{"d1"});
    CHECK(bound_queues(transport, members, "none").empty());
}

TEST_CASE("the address of an exchange reads back, and no list is one") {
    const ExchangeAddress address{.exchange = "orders", .routing_key = "new.eu", .priority = 6};
    CHECK(read_exchange_address(to_text(address)) == address);
    CHECK_FALSE(read_exchange_address("celery"));
    CHECK_FALSE(
        read_exchange_address("celery\x06\x16"
                              "3"));
    CHECK_FALSE(read_exchange_address("\x1eorders"));
    CHECK_FALSE(read_exchange_address(""));
}

}  // namespace cjv::celery
