#include "celery/transport_options.h"

#include "celery/binding.h"
#include "support/golden_celery.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

namespace cjv::celery {
namespace {

Result<Transport> options(std::string_view text, int database = 0) {
    return read_transport_options(json::parse(text).value(), database);
}

std::string refusal_of(std::string_view text) {
    const auto transport = options(text);
    return transport ? "(it was accepted)" : transport.error().what;
}

// What the Python side was told in redis_transport_option_variants.json, by its label.
const std::map<std::string, std::string>& told() {
    static const std::map<std::string, std::string> all = {
        {"fanout_prefix=False", R"({"fanout_prefix": false})"},
        {"fanout_patterns=False", R"({"fanout_patterns": false})"},
        {R"(fanout_prefix="/p.{db}.")", R"({"fanout_prefix": "/px."})"},
        {"global_keyprefix", R"({"global_keyprefix": "erp:"})"},
        {"priority_steps 0..9 sep :", R"({"priority_steps": [0,1,2,3,4,5,6,7,8,9], "sep": ":"})"},
        {"control_exchange/event_exchange", "{}"},
        {"task_protocol 1", "{}"},
        {"body_encoding utf-8", R"({"body_encoding": "utf-8"})"},
        {"broadcast queue + topic", "{}"}};
    return all;
}

// A glob whose only wildcard is a star at the end.
bool matches(std::string_view pattern, std::string_view channel) {
    if (!pattern.ends_with('*')) return pattern == channel;
    pattern.remove_suffix(1);
    return channel.starts_with(pattern);
}

}  // namespace

TEST_CASE("keys and channels are those that Python uses with the same options") {
    const support::GoldenFile golden("redis_transport_option_variants.json");
    std::set<std::string> seen;
    int events = 0, control = 0, pushed = 0, bound = 0;
    for (const json::Item& entry : golden.list("entries")) {
        const auto option = support::text_at(entry, "option");
        const auto command = support::text_at(entry, "command");
        const auto key = support::text_at(entry, "key_or_channel");
        CAPTURE(option);
        CAPTURE(key);
        REQUIRE(told().contains(option));
        seen.insert(option);
        auto transport = options(told().at(option), 3).value();
        if (option == "control_exchange/event_exchange") {
            transport.control_exchange = "ctl";
            transport.event_exchange = "evx";
        }
        const bool exotic = option == "broadcast queue + topic";
        if (command == "LPUSH" && !exotic) {
            ++pushed;
            CHECK(key == queue_key(transport, "celery", 5));
        } else if (command == "SADD" && !exotic) {
            ++bound;
            CHECK(key == binding_key(transport, "celery"));
            CHECK(support::text_at(entry, "payload") ==
                  binding_member(transport, "celery", "celery"));
        } else if (command == "PUBLISH" && key.contains("pidbox")) {
            ++control;
            CHECK(key == control_channel(transport));
        } else if (command == "PUBLISH") {
            ++events;
            CHECK(matches(event_pattern(transport), key));
        }
    }
    CHECK(seen.size() == told().size());
    CHECK(events == 15);
    CHECK(control == 15);
    CHECK(pushed == 15);
    CHECK(bound == 14);
}

TEST_CASE("the keys of a starting worker are ours too") {
    const support::GoldenFile golden("redis_command_sequences.json");
    Transport transport;
    transport.database = 1;
    std::set<std::string> listened;
    const json::Item sequences = support::at(golden.root(), "sequences");
    const json::Item commands = support::at(sequences, "worker_startup_5.6.3");
    for (const json::Item command : commands) {
        const json::Item arguments = support::at(command, "args");
        if (support::text_at(command, "cmd") == "PSUBSCRIBE")
            for (const json::Item argument : arguments)
                listened.insert(std::string(argument.as_string().value()));
        if (support::text_at(command, "cmd") == "BRPOP") {
            std::vector<std::string> keys;
            for (const json::Item argument : arguments)
                keys.emplace_back(argument.as_string().value());
            keys.pop_back();  // the timeout
            const auto queue = keys.front();
            CHECK(keys == queue_keys(transport, queue));
        }
    }
    CHECK(listened.contains(control_channel(transport)));
    CHECK(event_pattern(transport) == "/1.celeryev/*");
    CHECK(reply_queue(transport, "oid") == "oid.reply.celery.pidbox");
    CHECK(binding_key(transport, reply_exchange(transport)) ==
          "_kombu.binding.reply.celery.pidbox");
    CHECK(permanent_binding_key(transport, reply_exchange(transport)) ==
          "_kombu.binding_permanent.reply.celery.pidbox");
}

TEST_CASE("a priority goes to the highest step that is not above it") {
    const Transport transport;
    const std::map<int, int> steps = {{-1, 0}, {0, 0}, {2, 0},  {3, 3},  {5, 3},
                                      {6, 6},  {9, 9}, {10, 9}, {255, 9}};
    for (const auto& [priority, step] : steps) CHECK(priority_step(transport, priority) == step);
    CHECK(queue_key(transport, "celery", 0) == "celery");
    CHECK(queue_key(transport, "celery", 255) ==
          "celery\x06\x16"
          "9");
}

TEST_CASE("letters that Redis would take for wildcards are escaped in the pattern of events") {
    Transport transport;
    transport.global_keyprefix = "erp[*]?\\:";
    CHECK(event_pattern(transport) == R"(erp\[\*\]\?\\:/0.celeryev/*)");
}

TEST_CASE("options of the transport are followed") {
    const auto transport = options(
        R"({"global_keyprefix": "erp:", "sep": ":", "priority_steps": [0, 5], "fanout_prefix": true,
            "fanout_patterns": false, "unacked_key": "u", "unacked_index_key": "ui",
            "visibility_timeout": 43200, "ack_emulation": true, "body_encoding": "base64"})",
        7);
    REQUIRE(transport);
    CHECK(queue_keys(*transport, "q") == std::vector<std::string>{"erp:q", "erp:q:5"});
    CHECK(event_pattern(*transport) == "erp:/7.celeryev");
    CHECK(unacked_key(*transport) == "erp:u");
    CHECK(unacked_index_key(*transport) == "erp:ui");
    CHECK(transport->visibility_timeout == std::chrono::hours{12});
    CHECK(options("{}")->priority_steps == Transport{}.priority_steps);
}

TEST_CASE("options that we would not follow are refused by name, all of them at once") {
    CHECK(refusal_of(R"({"polling_interval": 5, "sep": ""})") ==
          "broker_transport_options: polling_interval: It says how workers take messages and "
          "changes nothing here: leave it out. sep: Expected a text that is not empty.");
    CHECK(refusal_of(R"({"master_name": "m"})").contains("Sentinel"));
    CHECK(refusal_of(R"({"seb": ":"})").contains("seb: Not an option"));
    for (const auto& [name, refusal] : transport_options()) {
        CAPTURE(name);
        const auto text = "{\"" + std::string(name) + "\": []}";
        CHECK(refusal_of(text).contains(std::string(name) + ": "));
    }
}

TEST_CASE("of the options of results the prefix is followed, and all others are refused by name") {
    const auto read = [](const std::string& text) {
        return read_result_transport_options(json::parse(text).value());
    };
    CHECK(read("{}").value().empty());
    CHECK(read(R"({"global_keyprefix": "erp"})").value() == "erp");
    const auto refused =
        read(R"({"global_keyprefix": 1, "retry_policy": {}, "master_name": "m", "x": 1})");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fields.size() == 4);
    CHECK(refused.error().what.contains("Sentinel"));
}

TEST_CASE("steps of priority that would send messages to lists nobody reads are refused") {
    for (const auto text : {"[]", "[3, 6]", "[0, 6, 3]", "[0, 0]", "[0, 10]", "[0, \"3\"]",
                            "[-1, 0]", "[0, 1.5]", "5", "null"}) {
        CAPTURE(text);
        CHECK(refusal_of("{\"priority_steps\": " + std::string(text) + "}")
                  .contains("priority_steps: Expected whole numbers from 0 to 9, ascending"));
    }
}

}  // namespace cjv::celery
