#include "net/resp.h"

#include <hiredis/hiredis.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

namespace cjv::net {

// ---- Commands

Script::Script(std::string its_text) : text(std::move(its_text)) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1)
        throw std::runtime_error("OpenSSL has no SHA-1");  // a build of it without: cannot go on
    constexpr std::string_view kHex = "0123456789abcdef";
    for (const unsigned char byte : std::span(digest).first(size)) {
        sha1 += kHex[byte >> 4];
        sha1 += kHex[byte & 15];
    }
}

Commands& Commands::add(std::span<const std::string_view> words) {
    words_.clear();
    sizes_.clear();
    for (const auto word : words) {
        words_.push_back(word.data());
        sizes_.push_back(word.size());
    }
    char* encoded = nullptr;
    // An int in hiredis 0.14, a long long in 1.x.
    const auto size =
        redisFormatCommandArgv(&encoded, int(words.size()), words_.data(), sizes_.data());
    if (size < 0) throw std::bad_alloc();
    const std::unique_ptr<char, decltype(&redisFreeCommand)> owner(encoded, redisFreeCommand);
    bytes_.append(encoded, std::size_t(size));
    ++count_;
    return *this;
}

Commands& Commands::call(const Script& script, std::span<const std::string_view> keys,
                         std::span<const std::string_view> arguments) {
    const bool is_known = std::ranges::find(called_, script.sha1) != called_.end();
    if (!is_known) called_.push_back(script.sha1);
    const std::string key_count = std::to_string(keys.size());
    std::vector<std::string_view> words;
    words.reserve(3 + keys.size() + arguments.size());
    words.emplace_back(is_known ? "EVALSHA" : "EVAL");
    words.emplace_back(is_known ? script.sha1 : script.text);
    words.emplace_back(key_count);
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), arguments.begin(), arguments.end());
    return add(words);
}

// ---- Replies

ReplyType Reply::type() const {
    return node_ == Replies::kNowhere ? ReplyType::nil : in_->nodes_[node_].type;
}

std::int64_t Reply::integer() const {
    return is(ReplyType::integer) ? in_->nodes_[node_].integer : 0;
}

std::string_view Reply::text() const {
    if (!is(ReplyType::text) && !is(ReplyType::status) && !is(ReplyType::error)) return {};
    const auto& node = in_->nodes_[node_];
    return {in_->bytes_.data() + node.integer, node.size};
}

std::size_t Reply::size() const { return is(ReplyType::array) ? in_->nodes_[node_].size : 0; }

Reply Reply::operator[](std::size_t index) const {
    if (index >= size()) return {in_, Replies::kNowhere};
    return {in_, std::size_t(in_->nodes_[node_].integer) + index};
}

Trouble Reply::trouble() const { return is(ReplyType::error) ? trouble_of(text()) : Trouble::none; }

std::string sentence(const Reply& reply) {
    if (!reply.is(ReplyType::error)) return {};
    constexpr std::size_t kMostBytes = 200;  // it goes into logs and onto pages
    // What Redis quotes of a command that it does not know may be a password, or a message.
    const auto text = reply.text().substr(0, reply.text().find(", with args beginning"));
    return std::string(advice_on(reply.trouble())) + " (" +
           std::string(text.substr(0, kMostBytes)) + ")";
}

Reply Replies::operator[](std::size_t index) const {
    return {this, index < roots_.size() ? roots_[index] : kNowhere};
}

Trouble Replies::trouble() const {
    for (const auto root : roots_)
        if (nodes_[root].type == ReplyType::error) return Reply(this, root).trouble();
    return Trouble::none;
}

void Replies::clear() {
    nodes_.clear();
    bytes_.clear();
    roots_.clear();
}

// ---- ReplyReader

// hiredis 0.14 has room for so many; 1.x would go on for as long as there is memory.
constexpr int kMostDepth = 7;

// What hiredis calls for each value that it has read. An object of ours is the number of its node, plus
// one because null means "out of memory" there.
struct ReplyReader::Builder {
    Replies* into = nullptr;
    ReplyLimits limits;
    std::string_view refusal;

    static Builder& of(const redisReadTask* task) { return *static_cast<Builder*>(task->privdata); }
    static void* object(std::size_t node) {
        return reinterpret_cast<void*>(node + 1);  // NOLINT(performance-no-int-to-ptr)
    }
    static std::size_t node_of(const void* object) {
        return reinterpret_cast<std::size_t>(object) - 1;
    }

    void* refuse_resp3() {
        refusal = "it answers in a later protocol (RESP3) than we asked for";
        return nullptr;
    }
    static void* on_double(const redisReadTask* task, double, char*, std::size_t) {
        return of(task).refuse_resp3();
    }
    static void* on_bool(const redisReadTask* task, int) { return of(task).refuse_resp3(); }

    std::size_t place(const redisReadTask* task) const {
        auto& nodes = into->nodes_;
        if (task->parent)
            return std::size_t(nodes[node_of(task->parent->obj)].integer) + std::size_t(task->idx);
        nodes.emplace_back();
        return nodes.size() - 1;
    }

    static ReplyType type_of(const redisReadTask* task) {
        switch (task->type) {
            case REDIS_REPLY_STATUS: return ReplyType::status;
            case REDIS_REPLY_ERROR: return ReplyType::error;
            default: return ReplyType::text;
        }
    }

    static void* on_text(const redisReadTask* task, char* text, std::size_t size) {
        Builder& self = of(task);
        // The same for a line that came in one piece as for one that did not: see next().
        if (type_of(task) != ReplyType::text && size + 2 > self.limits.line_bytes) {
            self.refusal = "a line is longer than we take";
            return nullptr;
        }
        auto& bytes = self.into->bytes_;
        if (size > self.limits.bytes - std::min(self.limits.bytes, bytes.size())) {
            self.refusal = "the replies are larger than we take";
            return nullptr;
        }
        const auto node = self.place(task);
        self.into->nodes_[node] = {type_of(task), std::int64_t(bytes.size()), size};
        bytes.insert(bytes.end(), text, text + size);
        return object(node);
    }

    // The number of elements is an int in hiredis 0.14 and a size_t in 1.x.
    template <class Count>
    static void* on_array(const redisReadTask* task, Count count) {
        Builder& self = of(task);
        if (task->type != REDIS_REPLY_ARRAY) return self.refuse_resp3();
        int depth = 1;
        for (const auto* parent = task->parent; parent; parent = parent->parent) ++depth;
        if (depth > kMostDepth) {
            self.refusal = "a reply nests deeper than we take";
            return nullptr;
        }
        auto& nodes = self.into->nodes_;
        const auto wanted = std::size_t(count);
        if (wanted > self.limits.elements - std::min(self.limits.elements, nodes.size())) {
            self.refusal = "the replies have more elements than we take";
            return nullptr;
        }
        const auto node = self.place(task);
        nodes[node] = {ReplyType::array, std::int64_t(nodes.size()), wanted};
        nodes.resize(nodes.size() + wanted);
        return object(node);
    }

    static void* on_integer(const redisReadTask* task, long long value) {
        Builder& self = of(task);
        const auto node = self.place(task);
        self.into->nodes_[node] = {ReplyType::integer, value, 0};
        return object(node);
    }

    static void* on_nil(const redisReadTask* task) {
        Builder& self = of(task);
        const auto node = self.place(task);
        self.into->nodes_[node] = {};
        return object(node);
    }
};

struct ReplyReader::Door {
    Door() {
        functions.createString = Builder::on_text;
        functions.createArray = Builder::on_array;
        functions.createInteger = Builder::on_integer;
        functions.createNil = Builder::on_nil;
        refuse_resp3(functions);
        reader.reset(redisReaderCreateWithFunctions(&functions));
        if (!reader) throw std::bad_alloc();
        reader->privdata = &builder;
        reader->maxbuf = 1 << 20;  // keeps its buffer between reads
    }

    // hiredis 1.x knows more types, and calls its own numbers objects where it finds no function.
    template <class Functions>
    static void refuse_resp3(Functions& its) {
        if constexpr (requires { its.createDouble; }) {
            its.createDouble = Builder::on_double;
            its.createBool = Builder::on_bool;
        }
    }

    redisReplyObjectFunctions functions{};
    Builder builder;
    std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader{nullptr, redisReaderFree};
};

// hiredis moves what is left in its buffer to the front after each kilobyte of replies: fed in large
// pieces it would move each byte a hundred times.
constexpr std::size_t kPiece = 8 << 10;

ReplyReader::ReplyReader(const ReplyLimits& limits)
    : limits_(limits), door_(std::make_unique<Door>()) {
    door_->builder.limits = limits;
}
ReplyReader::~ReplyReader() = default;

ReplyReader::Next ReplyReader::refuse(std::string why) {
    refusal_ = std::move(why);
    return Next::broken;
}

ReplyReader::Next ReplyReader::next(std::string_view& bytes, Replies& into) {
    if (!refusal_.empty()) return Next::broken;
    redisReader* const reader = door_->reader.get();
    Builder& builder = door_->builder;
    builder.into = &into;
    for (;;) {
        void* whole = nullptr;
        if (redisReaderGetReply(reader, &whole) != REDIS_OK)
            return refuse(builder.refusal.empty()
                              ? std::string("it does not speak Redis' protocol: ") + reader->errstr
                              : std::string(builder.refusal));
        const std::size_t left = reader->len - reader->pos;
        if (whole) {
            if (taken_ - left > limits_.bytes) return refuse("a reply is larger than we take");
            taken_ = left;
            into.roots_.push_back(Builder::node_of(whole));
            return Next::reply;
        }
        if (taken_ > limits_.bytes) return refuse("a reply is larger than we take");
        // hiredis looks for a line's end from its beginning each time: an endless one would cost the
        // square of its length.
        if (left > limits_.line_bytes &&
            !std::memchr(reader->buf + reader->pos, '\n', limits_.line_bytes))
            return refuse("a line is longer than we take");
        if (bytes.empty()) return Next::more;
        const auto piece = bytes.substr(0, kPiece);
        if (redisReaderFeed(reader, piece.data(), piece.size()) != REDIS_OK) throw std::bad_alloc();
        taken_ += piece.size();
        bytes.remove_prefix(piece.size());
    }
}

}  // namespace cjv::net
