#pragma once
// JSON in: a text becomes a small immutable tree, or a sentence that says what is wrong and where.
// JSON out: an appender. Which fields a body may have is its reader's business.

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::json {

inline constexpr int kMaxDepth = 32;
inline constexpr std::size_t kMaxNodes = 10'000;
inline constexpr std::size_t kMaxStringBytes = 256 * 1024;

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

struct Member;
class Document;

// One value of a text that was read. Cheap to copy; the text lives as long as any value of it, and
// so do the views that it hands out.
class Value {
public:
    Kind kind() const;
    bool is_null() const { return kind() == Kind::null; }

    // The text as it came, without the blanks around it: what to store when it must not change.
    std::string_view raw() const;

    // Each is nothing when the value is of another kind, or a number that does not fit.
    std::optional<bool> as_bool() const;
    std::optional<std::int64_t> as_int64() const;  // digits only: 5, not 5.0
    std::optional<double> as_double() const;
    std::optional<std::string_view> as_string() const;

    // In the order of the text; empty for what has none.
    std::vector<Value> items() const;
    std::vector<Member> members() const;
    std::optional<Value> find(std::string_view key) const;

private:
    friend Result<Value> parse(std::string_view text);
    Value(std::shared_ptr<const Document> document, std::uint32_t node)
        : document_(std::move(document)), node_(node) {}

    std::shared_ptr<const Document> document_;
    std::uint32_t node_;
};

struct Member {
    std::string_view key;
    Value value;
};

// Strict: RFC 8259, UTF-8, one value, no key twice in an object, within the limits above. The error
// reads like "duplicate key \"a\": line 1 column 9 (char 8)", with Python's counting.
Result<Value> parse(std::string_view text);

// JSON that is already text; it is appended as it is.
struct Raw {
    std::string_view text;
};

// Appends one value to `out`, which may have other text before it. Commas are its business; that
// brackets are closed and keys stand in objects only is the caller's. Bytes that are not UTF-8 are
// written as U+FFFD, so the result is always JSON.
class Writer {
public:
    explicit Writer(std::string& out) : out_(out), start_(out.size()) {}

    void begin_object() { open('{'); }
    void end_object() { out_ += '}'; }
    void begin_array() { open('['); }
    void end_array() { out_ += ']'; }
    void key(std::string_view name);

    void value(std::string_view text);
    void value(const char* text) { value(std::string_view(text)); }
    void value(const std::string& text) { value(std::string_view(text)); }
    void value(std::same_as<bool> auto yes) { plain(yes ? "true" : "false"); }
    void value(std::integral auto number)
        requires(!std::same_as<decltype(number), bool>)
    {
        integer(static_cast<std::int64_t>(number));
    }
    void value(double number);  // the shortest text that reads back the same; null when not finite
    void value(std::nullptr_t) { plain("null"); }
    void value(Instant at);  // ISO 8601
    void value(const Uuid& id);
    void value(Raw json) { plain(json.text); }
    template <class T>
    void value(const std::optional<T>& maybe) {
        maybe ? value(*maybe) : value(nullptr);
    }

    // Members of the open object that are already text: "\"a\":1,\"b\":2", not empty.
    void members(Raw json) { plain(json.text); }

    template <class T>
    void field(std::string_view name, const T& content) {
        key(name);
        value(content);
    }

private:
    // A comma is needed unless we stand right behind an opening bracket, a colon or the beginning.
    void separate() {
        if (out_.size() == start_) return;
        const char last = out_.back();
        if (last != '{' && last != '[' && last != ':') out_ += ',';
    }
    void open(char bracket) {
        separate();
        out_ += bracket;
    }
    void plain(std::string_view text) {
        separate();
        out_ += text;
    }
    void integer(std::int64_t number);

    std::string& out_;
    std::size_t start_;
};

}  // namespace cjv::json
