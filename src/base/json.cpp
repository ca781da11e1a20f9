// The only door to simdjson.
#include "base/json.h"

#include "base/iso8601.h"
#include "base/utf8.h"

#include <simdjson.h>
#include <algorithm>
#include <charconv>
#include <cmath>

namespace cjv::json {
namespace {

constexpr std::uint32_t kNone = UINT32_MAX;
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kMoreText = "more text follows the value";

}  // namespace

struct Node {
    Kind kind = Kind::null;
    std::string_view raw = {};
    std::string_view text = {};  // of a string: unescaped
    std::string_view key = {};   // where the parent is an object
    std::uint32_t first_child = kNone;
    std::uint32_t next_sibling = kNone;
};

struct Document {
    explicit Document(std::string_view text)
        : padded(text.size() + 2) {  // room for the brackets around it, see parse()
        padded.data()[0] = '[';
        std::copy(text.begin(), text.end(), padded.data() + 1);
        padded.data()[text.size() + 1] = ']';
    }
    simdjson::padded_string padded;
    simdjson::ondemand::parser parser;  // owns the unescaped strings
    std::vector<Node> nodes;
};

namespace {

using simdjson::ondemand::object;
using simdjson::ondemand::value;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool is_number(std::string_view text) {
    std::size_t at = 0;
    const auto next_is = [&](std::string_view any) {
        return at < text.size() && any.find(text[at]) != any.npos;
    };
    const auto skip_digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at > from;
    };
    if (next_is("-")) ++at;
    if (next_is("0"))
        ++at;
    else if (!skip_digits())
        return false;
    if (next_is(".") && (++at, !skip_digits())) return false;
    if (next_is("eE")) {
        ++at;
        if (next_is("+-")) ++at;
        if (!skip_digits()) return false;
    }
    return at == text.size();
}

std::string_view trim_end(std::string_view text) {
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string_view words_for(simdjson::error_code code) {
    switch (code) {
        case simdjson::UTF8_ERROR: return "the text is not valid UTF-8";
        case simdjson::UNCLOSED_STRING: return "a string is not closed";
        case simdjson::UNESCAPED_CHARS: return "a string holds a control character";
        case simdjson::STRING_ERROR: return "a string holds an escape that means nothing";
        case simdjson::EMPTY: return "expected a value, found nothing";
        case simdjson::CAPACITY: return "the text is too long";
        default: return "expected a comma, a colon, a value or a closing bracket";
    }
}

// Walks the text once and fills the document's nodes. `at_` is where we are, for messages.
class Reader {
public:
    explicit Reader(Document& document)
        : document_(document),
          begin_(document.padded.data() + 1),
          end_(document.padded.data() + document.padded.size() - 1),
          at_(begin_) {}

    Result<std::uint32_t> read() {
        // The text stands in brackets of ours, so that a single word is read like any other value.
        auto text = document_.parser.iterate(document_.padded);
        if (text.error()) return refuse(words_for(text.error()));
        auto array = text.get_array();
        if (array.error()) return refuse(words_for(array.error()));

        std::uint32_t root = kNone;
        for (auto element : array) {
            if (root != kNone) return refuse(kMoreText);
            if (element.error()) return refuse(words_for(element.error()));
            const auto node = read_value(element.value_unsafe(), 1);
            if (!node) return node;
            root = *node;
        }
        if (root == kNone) return refuse("expected a value, found nothing");
        // `1]` would close our bracket: what follows the value must be the end.
        const auto rest = std::string_view(at_, std::size_t(end_ - at_));
        if (rest.find_first_not_of(kBlanks) != rest.npos) return refuse(kMoreText);
        return root;
    }

private:
    std::unexpected<Error> refuse(std::string_view what) const {
        const std::string_view before(begin_, std::size_t(std::clamp(at_, begin_, end_) - begin_));
        const auto line = 1 + std::count(before.begin(), before.end(), '\n');
        const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
        std::string text(what);
        text += ": line " + std::to_string(line) + " column " +
                std::to_string(before.size() - line_start + 1) + " (char " +
                std::to_string(before.size()) + ")";
        return fail(Errc::bad_input, std::move(text));
    }

    Result<std::uint32_t> read_value(value from, int depth) {
        const auto token = from.raw_json_token();
        at_ = token.data();
        if (document_.nodes.size() >= kMaxNodes) return refuse("more than 10000 values");
        const auto index = std::uint32_t(document_.nodes.size());
        document_.nodes.emplace_back();

        const char first = token.empty() ? '\0' : token.front();
        if (first == '{' || first == '[') {
            if (depth > kMaxDepth) return refuse("nested deeper than 32");
            const auto filled =
                first == '{' ? read_object(from, index, depth) : read_array(from, index, depth);
            if (!filled) return std::unexpected(filled.error());
            // Between the last child and the closing bracket there are blanks only.
            while (at_ < end_ && kBlanks.find(*at_) != kBlanks.npos) ++at_;
            if (at_ == end_ || *at_ != (first == '{' ? '}' : ']'))
                return refuse(words_for(simdjson::TAPE_ERROR));
            ++at_;
            node(index).raw = {token.data(), std::size_t(at_ - token.data())};
            return index;
        }
        const auto filled = read_scalar(from, trim_end(token), index);
        if (!filled) return std::unexpected(filled.error());
        return index;
    }

    Result<void> read_scalar(value from, std::string_view token, std::uint32_t index) {
        node(index).raw = token;
        if (token.starts_with('"')) {
            const auto text = from.get_string();
            if (text.error()) return refuse(words_for(text.error()));
            node(index).text = text.value_unsafe();
            if (node(index).text.size() > kMaxStringBytes)
                return refuse("a string is longer than 256 KiB");
            node(index).kind = Kind::string;
        } else if (token == "true" || token == "false") {
            node(index).kind = Kind::boolean;
        } else if (is_number(token)) {
            node(index).kind = Kind::number;
        } else if (token != "null") {
            return refuse("expected a value");
        }
        at_ = token.data() + token.size();
        return {};
    }

    Result<void> read_array(value from, std::uint32_t index, int depth) {
        node(index).kind = Kind::array;
        auto array = from.get_array();
        if (array.error()) return refuse(words_for(array.error()));
        ++at_;
        std::uint32_t last = kNone;
        for (auto element : array) {
            if (element.error()) return refuse(words_for(element.error()));
            const auto child = read_value(element.value_unsafe(), depth + 1);
            if (!child) return std::unexpected(child.error());
            append(index, last, *child);
        }
        return {};
    }

    Result<void> read_object(value from, std::uint32_t index, int depth) {
        node(index).kind = Kind::object;
        auto found = from.get_object();
        if (found.error()) return refuse(words_for(found.error()));
        ++at_;
        std::uint32_t last = kNone;
        std::vector<std::string_view> keys;
        for (auto field : found) {
            if (field.error()) return refuse(words_for(field.error()));
            const auto key = field.unescaped_key();
            if (key.error()) return refuse(words_for(key.error()));
            if (key.value_unsafe().size() > kMaxStringBytes)
                return refuse("a key is longer than 256 KiB");
            const auto child = read_value(field.value(), depth + 1);
            if (!child) return std::unexpected(child.error());
            node(*child).key = key.value_unsafe();
            keys.push_back(key.value_unsafe());
            append(index, last, *child);
        }
        std::sort(keys.begin(), keys.end());
        const auto twice = std::adjacent_find(keys.begin(), keys.end());
        if (twice != keys.end())
            return refuse("duplicate key \"" + std::string(twice->substr(0, 80)) + "\"");
        return {};
    }

    void append(std::uint32_t parent, std::uint32_t& last, std::uint32_t child) {
        (last == kNone ? node(parent).first_child : node(last).next_sibling) = child;
        last = child;
    }
    Node& node(std::uint32_t index) { return document_.nodes[index]; }

    Document& document_;
    const char* begin_;
    const char* end_;
    const char* at_;
};

void append_escape(std::string& out, char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    out += "\\u00";
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[c & 15];
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    std::size_t kept = 0;  // what stands before it is written
    std::size_t at = 0;
    const auto flush = [&] { out += text.substr(kept, at - kept); };
    while (at < text.size()) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            ++at;
            continue;
        }
        if (c >= 0x80) {
            if (const auto length = utf8_length(text.substr(at))) {
                at += length;
                continue;
            }
            flush();
            out += "\xEF\xBF\xBD";
        } else {
            flush();
            append_escape(out, text[at]);
        }
        kept = ++at;
    }
    flush();
    out += '"';
}

}  // namespace

Result<Value> parse(std::string_view text) {
    const auto document = std::make_shared<Document>(text);
    const auto root = Reader(*document).read();
    if (!root) return std::unexpected(root.error());
    return Value(document, *root);
}

Kind Value::kind() const { return document_->nodes[node_].kind; }
std::string_view Value::raw() const { return document_->nodes[node_].raw; }

std::optional<bool> Value::as_bool() const {
    if (kind() != Kind::boolean) return std::nullopt;
    return raw() == "true";
}

std::optional<std::int64_t> Value::as_int64() const {
    if (kind() != Kind::number) return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(raw().data(), raw().data() + raw().size(), number);
    if (error != std::errc{} || end != raw().data() + raw().size()) return std::nullopt;
    return number;
}

std::optional<double> Value::as_double() const {
    if (kind() != Kind::number) return std::nullopt;
    double number = 0;
    const auto [end, error] = std::from_chars(raw().data(), raw().data() + raw().size(), number);
    if (error != std::errc{}) return std::nullopt;
    return number;
}

std::optional<std::string_view> Value::as_string() const {
    if (kind() != Kind::string) return std::nullopt;
    return document_->nodes[node_].text;
}

std::vector<Value> Value::items() const {
    std::vector<Value> all;
    if (kind() != Kind::array) return all;
    const auto& nodes = document_->nodes;
    for (auto i = nodes[node_].first_child; i != kNone; i = nodes[i].next_sibling)
        all.push_back(Value(document_, i));
    return all;
}

std::vector<Member> Value::members() const {
    std::vector<Member> all;
    if (kind() != Kind::object) return all;
    const auto& nodes = document_->nodes;
    for (auto i = nodes[node_].first_child; i != kNone; i = nodes[i].next_sibling)
        all.push_back({nodes[i].key, Value(document_, i)});
    return all;
}

std::optional<Value> Value::find(std::string_view key) const {
    if (kind() != Kind::object) return std::nullopt;
    const auto& nodes = document_->nodes;
    for (auto i = nodes[node_].first_child; i != kNone; i = nodes[i].next_sibling)
        if (nodes[i].key == key) return Value(document_, i);
    return std::nullopt;
}

void Writer::key(std::string_view name) {
    separate();
    append_quoted(out_, name);
    out_ += ':';
}

void Writer::value(std::string_view text) {
    separate();
    append_quoted(out_, text);
}

void Writer::integer(std::int64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    plain({digits, std::size_t(end - digits)});
}

void Writer::value(double number) {
    if (!std::isfinite(number)) return value(nullptr);
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    plain({digits, std::size_t(end - digits)});
}

void Writer::value(Instant at) {
    separate();
    out_ += '"';
    append_iso8601(out_, at);
    out_ += '"';
}

void Writer::value(const Uuid& id) { value(to_text(id)); }

}  // namespace cjv::json
