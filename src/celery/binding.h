#pragma once
// Which queues an exchange feeds, on Redis: the members of the set binding_key(), "routing key,
// separator, pattern, separator, queue".

#include "celery/transport.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::celery {

struct Binding {
    std::string routing_key;
    bool topic = false;  // the routing key has `*` and `#`; else it matches letter by letter
    std::string queue;

    bool operator==(const Binding&) const = default;
};

// A member of a direct or fanout exchange's set.
std::string binding_member(const Transport& transport, std::string_view routing_key,
                           std::string_view queue);
// Nothing for what Kombu did not write, or wrote with another `sep`.
std::optional<Binding> read_binding(const Transport& transport, std::string_view member);

// AMQP's rules for words between dots: `*` is one word, `#` is any number of them. As with Kombu,
// `a.#` does not match `a`.
bool topic_matches(std::string_view pattern, std::string_view routing_key);

// The queues that get a message, each once, in the order of `members`; those that cannot be read
// count for nothing. Empty: Kombu would drop it without a word.
std::vector<std::string> bound_queues(const Transport& transport,
                                      std::span<const std::string> members,
                                      std::string_view routing_key);

// A message for an exchange waits under a name of its own, which no list has, until it is known which queues the
// exchange feeds.
struct ExchangeAddress {
    std::string exchange;
    std::string routing_key;
    int priority = 0;

    bool operator==(const ExchangeAddress&) const = default;
};
std::string to_text(const ExchangeAddress& address);
// Nothing for the name of a list.
std::optional<ExchangeAddress> read_exchange_address(std::string_view text);

}  // namespace cjv::celery
