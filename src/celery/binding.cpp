#include "celery/binding.h"

#include <algorithm>
#include <charconv>

namespace cjv::celery {
namespace {

// The word at the front, without it and its dot.
std::string_view take_word(std::string_view& text, bool& more) {
    const auto dot = text.find('.');
    const auto word = text.substr(0, dot);
    more = dot != text.npos;
    text = more ? text.substr(dot + 1) : std::string_view();
    return word;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (bool more = true; more;) words.push_back(take_word(text, more));
    return words;
}

}  // namespace

std::string binding_member(const Transport& transport, std::string_view routing_key,
                           std::string_view queue) {
    return std::string(routing_key) + transport.sep + transport.sep + std::string(queue);
}

std::optional<Binding> read_binding(const Transport& transport, std::string_view member) {
    const auto first = member.find(transport.sep);
    if (first == member.npos) return std::nullopt;
    const auto last = member.rfind(transport.sep);
    if (last < first + transport.sep.size()) return std::nullopt;
    const auto queue = member.substr(last + transport.sep.size());
    if (queue.empty()) return std::nullopt;
    return Binding{.routing_key = std::string(member.substr(0, first)),
                   .topic = last > first + transport.sep.size(),
                   .queue = std::string(queue)};
}

// As with wildcards in file names: on a mismatch the last `#` takes one word more.
bool topic_matches(std::string_view pattern, std::string_view routing_key) {
    if (pattern == "#") return true;
    const auto rules = words_of(pattern);
    const auto words = words_of(routing_key);
    constexpr std::size_t kNowhere = SIZE_MAX;
    std::size_t rule = 0, word = 0, last_hash = kNowhere, taken_until = 0;
    while (word < words.size()) {
        if (rule < rules.size() && rules[rule] == "#") {
            last_hash = rule++;
            taken_until = ++word;  // it takes one word at least
        } else if (rule < rules.size() && (rules[rule] == "*" || rules[rule] == words[word])) {
            ++rule, ++word;
        } else if (last_hash != kNowhere) {
            rule = last_hash + 1;
            word = ++taken_until;
        } else {
            return false;
        }
    }
    return rule == rules.size();
}

std::vector<std::string> bound_queues(const Transport& transport,
                                      std::span<const std::string> members,
                                      std::string_view routing_key) {
    std::vector<std::string> queues;
    for (const std::string& member : members) {
        auto binding = read_binding(transport, member);
        if (!binding) continue;
        const bool matches = binding->topic ? topic_matches(binding->routing_key, routing_key)
                                            : binding->routing_key == routing_key;
        if (matches && std::ranges::find(queues, binding->queue) == queues.end())
            queues.push_back(std::move(binding->queue));
    }
    return queues;
}

// Control characters are in no name that we send to (see task_refusal.h).
constexpr char kMark = '\x1e';

std::string to_text(const ExchangeAddress& address) {
    return kMark + address.exchange + kMark + address.routing_key + kMark +
           std::to_string(address.priority);
}

std::optional<ExchangeAddress> read_exchange_address(std::string_view text) {
    if (!text.starts_with(kMark)) return std::nullopt;
    const auto second = text.find(kMark, 1), last = text.rfind(kMark);
    if (second == text.npos || second == last) return std::nullopt;
    ExchangeAddress address{.exchange = std::string(text.substr(1, second - 1)),
                            .routing_key = std::string(text.substr(second + 1, last - second - 1))};
    const auto digits = text.substr(last + 1);
    const auto end = digits.data() + digits.size();
    if (std::from_chars(digits.data(), end, address.priority).ptr != end) return std::nullopt;
    return address;
}

}  // namespace cjv::celery
