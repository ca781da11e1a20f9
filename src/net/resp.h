#pragma once
// Redis' protocol (RESP2) as values: commands to bytes, bytes to replies. No socket; redis.h has those.
// resp.cpp is the only door to hiredis.

#include "net/redis_trouble.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cjv::net {

// A Lua script, with the name under which Redis keeps it.
struct Script {
    explicit Script(std::string its_text);
    std::string text;
    std::string sha1;  // in hex
};

// Commands that leave in one write and are answered in their order. Encoded as they are added, so that
// whoever has the time does it; a message is copied once.
class Commands {
public:
    Commands() = default;
    Commands(std::initializer_list<std::string_view> words) { add(words); }  // one command

    Commands& add(std::span<const std::string_view> words);
    Commands& add(std::initializer_list<std::string_view> words) {
        return add(std::span(words.begin(), words.size()));
    }
    // Runs a script. Its first call in these commands carries the text, which Redis keeps, and the
    // others its name, so that a Redis which forgot it learns it again with every batch.
    Commands& call(const Script& script, std::span<const std::string_view> keys,
                   std::span<const std::string_view> arguments);

    void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
    std::size_t count() const { return count_; }
    bool empty() const { return count_ == 0; }
    const std::string& bytes() const { return bytes_; }
    std::string take_bytes() && { return std::move(bytes_); }

private:
    std::string bytes_;
    std::size_t count_ = 0;
    std::vector<std::string> called_;  // names of the scripts whose text is in here
    std::vector<const char*> words_;   // kept for their memory
    std::vector<std::size_t> sizes_;
};

enum class ReplyType : std::uint8_t { nil, integer, text, status, error, array };

class Replies;

// One reply or an element of one. A view: it lives as long as its Replies stays where it is.
// Every question has an answer whatever the server sent: what is not there is nil, empty or 0.
class Reply {
public:
    ReplyType type() const;
    bool is(ReplyType type_asked) const { return type() == type_asked; }
    std::int64_t integer() const;   // of an integer
    std::string_view text() const;  // of a text, a status, an error (without its '-')
    std::size_t size() const;       // elements of an array
    Reply operator[](std::size_t index) const;
    Trouble trouble() const;  // `none` unless it is an error

private:
    friend class Replies;
    Reply(const Replies* in, std::size_t node) : in_(in), node_(node) {}
    const Replies* in_;
    std::size_t node_;
};

// For an error: what it means and what to do, and what Redis said, cut to 200 bytes: "Redis has reached
// maxmemory; … (OOM command not allowed …)". Empty for other replies.
std::string sentence(const Reply& reply);

// The replies to some commands, in their order, in two blocks of memory.
class Replies {
public:
    std::size_t size() const { return roots_.size(); }
    bool empty() const { return roots_.empty(); }
    Reply operator[](std::size_t index) const;
    // The first trouble among them, not looking into arrays; `none` when all is well.
    Trouble trouble() const;
    std::size_t byte_count() const { return bytes_.size() + nodes_.size() * sizeof(Node); }
    void clear();

private:
    friend class Reply;
    friend class ReplyReader;
    struct Node {
        ReplyType type = ReplyType::nil;
        std::int64_t integer =
            0;  // the value; of texts where they begin; of arrays the first element
        std::size_t size = 0;
    };
    static constexpr std::size_t kNowhere = std::size_t(-1);

    std::vector<Node> nodes_;
    std::vector<char> bytes_;
    std::vector<std::size_t> roots_;
};

// What a hostile or broken server may cost us at most.
struct ReplyLimits {
    std::size_t bytes = 64 << 20;    // of one reply as it comes in, and of all texts in one Replies
    std::size_t elements = 1 << 20;  // of all arrays in one Replies; they nest at most 7 deep
    std::size_t line_bytes = 64 << 10;  // of a status, an error or a number, with its end
};

// Bytes of one connection, as they come, to replies. After `broken` it stays broken: close it.
class ReplyReader {
public:
    explicit ReplyReader(const ReplyLimits& limits = {});
    ~ReplyReader();

    enum class Next : std::uint8_t {
        more,   // all bytes are used up, and the next reply is not whole
        reply,  // one was appended to `into`; more may be in what is left
        broken  // see refusal()
    };
    // Takes what it needs from the front of `bytes`. `into` is the same until its reply is whole.
    Next next(std::string_view& bytes, Replies& into);
    // True in the middle of a reply.
    bool is_inside() const { return taken_ > 0; }
    const std::string& refusal() const { return refusal_; }

private:
    struct Builder;
    struct Door;
    Next refuse(std::string why);

    const ReplyLimits limits_;
    std::unique_ptr<Door> door_;
    std::size_t taken_ = 0;  // bytes of the reply that is not whole
    std::string refusal_;
};

}  // namespace cjv::net
