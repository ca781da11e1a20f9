#pragma once
// What Redis makes of the commands of dispatch's Broker, in memory: it keeps lists and numbers, loses them, is
// away, refuses, and carries out what it does not answer. The script that it is called with is src/dispatch/push.cpp's;
// here it is written down a second time, and tests/crash holds the real one to a real Redis.

#include "net/redis.h"

#include <charconv>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cjv::support {

class RedisModel {
public:
    enum class Fault {
        none,
        cut_before,  // nothing of it arrives, and the connection is gone
        cut_after,   // all of it is carried out, and nobody hears of it
        refused,     // there is no memory: a push is refused
    };
    // Asked for each write of commands (an argument of 0) and for each push within it (1, 2 …).
    std::function<Fault(int)> fault;
    bool compares_numbers = true;  // false: pushes whatever comes, as if there were no script
    bool forbids_scripts = false;  // as an ACL does
    bool forbids_numbers = false;  // the hash may be read and not written
    std::map<std::string, std::vector<std::string>> sets;  // what SMEMBERS gives
    bool forbids_sets = false;
    std::set<std::string> other_types;     // what is no list under these names
    std::set<std::string> forbidden_keys;  // which an ACL of key patterns does not cover

    void connect() {
        if (state_.is_ready()) return;
        state_.is = net::RedisState::Is::ready;
        ++state_.connection;
    }
    void cut() { state_.is = net::RedisState::Is::away; }
    // It was killed and starts empty.
    void lose_data() {
        cut();
        flush();
    }
    // Its data are gone, and nothing else tells of it.
    void flush() {
        lists.clear();
        numbers.clear();
        ++life;
    }
    net::RedisState state() const { return state_; }

    net::Answer ask(const net::Commands& commands, std::int64_t connection) {
        if (!state_.is_ready() || (connection != 0 && connection != state_.connection))
            return away(false);
        const Fault fate = fault ? fault(0) : Fault::none;
        if (fate == Fault::cut_before) {
            cut();
            return away(false);
        }
        std::string answers;
        std::string_view bytes = commands.bytes();
        for (int n = 1; !bytes.empty(); ++n) answers += carry_out(words_of(bytes), n);
        if (fate == Fault::cut_after) {
            cut();
            return away(true);
        }
        net::ReplyReader reader;
        net::Replies replies;
        std::string_view left = answers;
        while (reader.next(left, replies) == net::ReplyReader::Next::reply) continue;
        return replies;
    }

    struct Push {
        int life;
        std::string list, message;
    };
    std::vector<Push> pushes;
    std::map<std::string, std::deque<std::string>> lists;  // the next to be served in front
    std::map<std::string, std::int64_t> numbers;           // the fields of the hash
    int life = 1;

private:
    static net::Answer away(bool maybe_done) {
        return std::unexpected(net::Unanswered{{Errc::unavailable, "Redis is away"}, maybe_done});
    }

    // "*2\r\n$4\r\nPING\r\n…"
    static std::vector<std::string> words_of(std::string_view& bytes) {
        const auto number = [&](char mark) {
            std::size_t value = 0;
            const auto end = bytes.find("\r\n");
            if (bytes.empty() || bytes[0] != mark) throw std::logic_error("no command");
            std::from_chars(bytes.data() + 1, bytes.data() + end, value);
            bytes.remove_prefix(end + 2);
            return value;
        };
        std::vector<std::string> words(number('*'));
        for (std::string& word : words) {
            const std::size_t size = number('$');
            word = bytes.substr(0, size);
            bytes.remove_prefix(size + 2);
        }
        return words;
    }

    std::string carry_out(const std::vector<std::string>& words, int n) {
        if (words[0] == "HMGET") {
            std::string answer = "*" + std::to_string(words.size() - 2) + "\r\n";
            for (std::size_t i = 2; i < words.size(); ++i) {
                const auto found = numbers.find(words[i]);
                const std::string text =
                    found == numbers.end() ? "" : std::to_string(found->second);
                answer += found == numbers.end()
                              ? "$-1\r\n"
                              : "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
            }
            return answer;
        }
        if (words[0] == "SMEMBERS" && forbids_sets)
            return "-NOPERM User celery has no permissions to run the 'smembers' command\r\n";
        if (words[0] == "SMEMBERS") {
            const auto& members = sets[words[1]];
            std::string answer = "*" + std::to_string(members.size()) + "\r\n";
            for (const std::string& member : members)
                answer += "$" + std::to_string(member.size()) + "\r\n" + member + "\r\n";
            return answer;
        }
        if (words[0] == "HSET") {
            if (forbids_numbers)
                return "-NOPERM User celery has no permissions to run the 'hset' command\r\n";
            int added = 0;
            for (std::size_t i = 2; i + 1 < words.size(); i += 2) {
                if (!numbers.contains(words[i])) ++added;
                numbers[words[i]] = std::stoll(words[i + 1]);
            }
            return ":" + std::to_string(added) + "\r\n";
        }
        if (words[0] == "HLEN") return ":" + std::to_string(numbers.size()) + "\r\n";
        if (words[0] == "LPUSH") {
            if (fault && fault(n) == Fault::refused) return kOutOfMemory;
            if (other_types.contains(words[1])) return kWrongType;
            for (std::size_t i = 2; i < words.size(); ++i) push(words[1], words[i]);
            return ":" + std::to_string(lists[words[1]].size()) + "\r\n";
        }
        if (words[0] != "EVAL" && words[0] != "EVALSHA") throw std::logic_error(words[0]);
        if (forbids_scripts)
            return "-NOPERM User celery has no permissions to run the 'eval' command\r\n";
        // EVAL script keys hash lists… field number least messages…
        const std::size_t keys = std::stoul(words[2]), field = 3 + keys;
        const std::vector<std::string> into(words.begin() + 4,
                                            words.begin() + std::ptrdiff_t(field));
        for (const std::string& list : into)
            if (forbidden_keys.contains(list)) return "-NOPERM No permissions to access a key\r\n";
        const std::int64_t number = std::stoll(words[field + 1]);
        const std::int64_t least = std::stoll(words[field + 2]);
        if (fault && fault(n) == Fault::refused) return kOutOfMemory;
        std::int64_t& last = numbers[words[field]];
        if (compares_numbers && last < least) return ":-1\r\n";
        if (compares_numbers && number <= last) return ":0\r\n";
        for (const std::string& list : into)
            if (other_types.contains(list)) return kWrongType;
        for (const std::string& list : into)
            for (std::size_t i = field + 3; i < words.size(); ++i) push(list, words[i]);
        last = number;
        return ":1\r\n";
    }

    void push(const std::string& list, const std::string& message) {
        pushes.push_back({life, list, message});
        lists[list].push_back(message);
    }

    static constexpr auto kOutOfMemory =
        "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    static constexpr auto kWrongType =
        "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

    net::RedisState state_;
};

}  // namespace cjv::support
