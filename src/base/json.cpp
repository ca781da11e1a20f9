#include "base/json.h"

#include "base/iso8601.h"
#include "base/json_document.h"
#include "base/utf8.h"

#include <array>
#include <charconv>
#include <cmath>

namespace cjv::json {
namespace {

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

// Whether a string may hold the byte as it is, without a look at its neighbours.
constexpr auto kPlain = [] {
    std::array<bool, 256> plain{};
    for (unsigned c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
    return plain;
}();

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    std::size_t kept = 0;  // what stands before it is written
    std::size_t at = 0;
    const auto flush = [&] { out += text.substr(kept, at - kept); };
    while (true) {
        while (at < text.size() && kPlain[static_cast<unsigned char>(text[at])]) ++at;
        if (at == text.size()) break;
        if (static_cast<unsigned char>(text[at]) >= 0x80) {
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
    const auto document = std::make_shared<Document>();
    const auto root = document->read(text, Rules{});
    if (!root) return std::unexpected(root.error());
    return Value(document, *root);
}

Kind Value::kind() const { return document_->node(node_).kind; }
std::string_view Value::raw() const { return document_->node(node_).raw; }
std::optional<bool> Value::as_bool() const { return bool_of(document_->node(node_)); }
std::optional<std::int64_t> Value::as_int64() const { return int64_of(document_->node(node_)); }
std::optional<double> Value::as_double() const { return double_of(document_->node(node_)); }

std::optional<std::string_view> Value::as_string() const {
    if (kind() != Kind::string) return std::nullopt;
    return document_->node(node_).text;
}

std::vector<Value> Value::items() const {
    std::vector<Value> all;
    if (kind() != Kind::array) return all;
    const auto& document = *document_;
    for (auto i = document.node(node_).first_child; i != kNone; i = document.node(i).next_sibling)
        all.push_back(Value(document_, i));
    return all;
}

std::vector<Member> Value::members() const {
    std::vector<Member> all;
    if (kind() != Kind::object) return all;
    const auto& document = *document_;
    for (auto i = document.node(node_).first_child; i != kNone; i = document.node(i).next_sibling)
        all.push_back({document.node(i).key, Value(document_, i)});
    return all;
}

std::optional<Value> Value::find(std::string_view key) const {
    const auto found = find_in(*document_, document_->node(node_), key);
    if (found == kNone) return std::nullopt;
    return Value(document_, found);
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

void Writer::value(const Uuid& id) {
    separate();
    out_ += '"';
    append_text(out_, id);
    out_ += '"';
}

}  // namespace cjv::json
