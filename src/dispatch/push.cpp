#include "dispatch/push.h"

#include <charconv>
#include <unordered_map>
#include <utility>

namespace cjv::dispatch {
namespace {

// KEYS: the hash of numbers, the lists, of which there may be none. ARGV: field, number, the number that must be there at least, messages.
// Answers 1: pushed, 0: was there already, -1: what must be there is missing. The number is written first: where
// that is refused nothing was pushed, and where the push is, the number is what it was.
constexpr auto kScript = R"lua(
local was = redis.call('HGET', KEYS[1], ARGV[1]) or '0'
local last = tonumber(was)
local number = tonumber(ARGV[2])
if last < tonumber(ARGV[3]) then return -1 end
if number <= last then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if #ARGV == 3 then return 1 end
for i = 2, #KEYS do
  local pushed = redis.pcall('LPUSH', KEYS[i], unpack(ARGV, 4))
  if type(pushed) == 'table' and pushed.err then
    for before = 2, i - 1 do redis.call('LTRIM', KEYS[before], #ARGV - 3, -1) end
    redis.call('HSET', KEYS[1], ARGV[1], was)
    return pushed
  end
end
return 1
)lua";

// No list where nothing is bound: a name that is none must not be a key, which an ACL may forbid.
std::vector<std::string_view> lists_of(const store::Batch& batch, const Lists& exchanges) {
    const auto found = exchanges.find(batch.list);
    if (found == exchanges.end()) return {batch.list};
    return {found->second.begin(), found->second.end()};
}

// Bytes of the commands, a little more than enough: each message has its length and two line ends.
std::size_t room_for(std::span<const store::BatchPtr> batches) {
    std::size_t room = push_script().text.size();
    for (const store::BatchPtr& batch : batches)
        room += 1'000 + batch->list.size() + batch->bytes.size() + 16 * batch->items.size();
    return room;
}

}  // namespace

const net::Script& push_script() {
    static const net::Script script(kScript);
    return script;
}

net::Commands push_commands(std::span<const store::BatchPtr> batches, const PushedNumbers& numbers,
                            const std::function<std::int64_t(const std::string&)>& confirmed,
                            const std::function<bool(const RunId&)>& is_recalled,
                            const Lists& exchanges) {
    net::Commands commands;
    commands.reserve(room_for(batches));
    std::unordered_map<std::string_view, std::int64_t> before;  // in these commands, by list
    for (const store::BatchPtr& batch : batches) {
        const auto earlier = before.find(batch->list);
        const std::int64_t least =
            earlier == before.end() ? confirmed(batch->list) : earlier->second;
        before.insert_or_assign(batch->list, batch->number);
        const std::string field = numbers.field(batch->list);
        const std::string number = std::to_string(batch->number);
        const std::string at_least = std::to_string(least);
        const auto lists = lists_of(*batch, exchanges);
        std::vector<std::string_view> arguments{field, number, at_least};
        for (const auto& item : batch->items)
            if (!lists.empty() && !is_recalled(item.run)) arguments.push_back(batch->message(item));
        std::vector<std::string_view> keys{numbers.key};
        keys.insert(keys.end(), lists.begin(), lists.end());
        commands.call(push_script(), keys, arguments);
    }
    return commands;
}

net::Commands plain_commands(std::span<const store::BatchPtr> batches, const PushedNumbers& numbers,
                             const std::function<bool(const RunId&)>& is_recalled,
                             const Lists& exchanges) {
    net::Commands commands;
    for (const store::BatchPtr& batch : batches) {
        const auto lists = lists_of(*batch, exchanges);
        std::vector<std::string_view> words{"LPUSH", lists.empty() ? "" : lists.front()};
        for (const auto& item : batch->items)
            if (!lists.empty() && !is_recalled(item.run)) words.push_back(batch->message(item));
        // Nothing is left of it; an answer all the same.
        if (words.size() == 2) words = {"HLEN", numbers.key};
        commands.add(words);
    }
    return commands;
}

net::Commands number_writes(std::span<const store::ListNumbers> lists,
                            const PushedNumbers& numbers) {
    std::vector<std::string> texts;
    texts.reserve(lists.size() * 2);
    for (const auto& list : lists) {
        texts.push_back(numbers.field(list.list));
        texts.push_back(std::to_string(list.confirmed));
    }
    std::vector<std::string_view> words{"HSET", numbers.key};
    words.insert(words.end(), texts.begin(), texts.end());
    net::Commands commands;
    commands.add(words);
    return commands;
}

Pushed read_pushed(const net::Reply& reply) {
    if (!reply.is(net::ReplyType::integer)) return Pushed::refused;
    if (reply.integer() == 0) return Pushed::before;
    return reply.integer() < 0 ? Pushed::behind : Pushed::taken;
}

std::string refusal_of(const net::Reply& reply) {
    switch (read_pushed(reply)) {
        case Pushed::taken:
        case Pushed::before: return "";
        case Pushed::behind: return "the batch before it is not there";
        case Pushed::refused: break;
    }
    if (auto sentence = net::sentence(reply); !sentence.empty()) return sentence;
    return "Redis answered what nobody asked";
}

net::Commands number_commands(std::span<const store::ListNumbers> lists,
                              const PushedNumbers& numbers) {
    std::vector<std::string> fields;
    fields.reserve(lists.size());
    for (const auto& list : lists) fields.push_back(numbers.field(list.list));
    std::vector<std::string_view> words{"HMGET", numbers.key};
    words.insert(words.end(), fields.begin(), fields.end());
    net::Commands commands;
    commands.add(words);
    return commands;
}

std::optional<std::vector<std::int64_t>> read_numbers(const net::Reply& reply, std::size_t lists) {
    if (!reply.is(net::ReplyType::array) || reply.size() != lists) return std::nullopt;
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < lists; ++i) {
        std::int64_t number = 0;
        if (const auto text = reply[i].text(); reply[i].is(net::ReplyType::text)) {
            const auto [end, error] =
                std::from_chars(text.data(), text.data() + text.size(), number);
            if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
        }
        numbers.push_back(number);
    }
    return numbers;
}

}  // namespace cjv::dispatch
