// The only door to simdjson.
#include "base/json_document.h"

#include <simdjson.h>
#include <algorithm>
#include <charconv>

namespace cjv::json {
namespace {

using simdjson::ondemand::value;

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kMoreText = "more text follows the value";
// What a long text needed is given back once a short one follows.
constexpr std::size_t kRoomToKeep = std::size_t{1} << 20;

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

bool is_python_number(std::string_view text) {
    return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

std::string_view trim_end(std::string_view text) {
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 63));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 63));
        out += static_cast<char>(0x80 | (code & 63));
    } else {
        out += static_cast<char>(0xF0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 63));
        out += static_cast<char>(0x80 | (code >> 6 & 63));
        out += static_cast<char>(0x80 | (code & 63));
    }
}

// The four hex digits at `at` of a \u; nothing when they are not there.
std::optional<std::uint32_t> code_unit(std::string_view text, std::size_t at) {
    if (at + 4 > text.size()) return std::nullopt;
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 4, code, 16);
    if (error != std::errc{} || end != text.data() + at + 4) return std::nullopt;
    return code;
}

// `text` starts behind the opening quote. What simdjson refuses for a surrogate without its partner;
// nothing when something else is wrong with it.
std::optional<std::string> unescape_mending(std::string_view text) {
    constexpr std::uint32_t kReplacement = 0xFFFD;
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') return out;
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (++i == text.size()) break;
        if (const auto known = kNames.find(text[i]); known != kNames.npos) {
            out += kMeanings[known];
            continue;
        }
        if (text[i] != 'u') break;
        auto code = code_unit(text, i + 1);
        if (!code) break;
        i += 4;
        if (*code >= 0xD800 && *code < 0xDC00 && text.substr(i + 1).starts_with("\\u")) {
            const auto low = code_unit(text, i + 3);
            if (low && *low >= 0xDC00 && *low < 0xE000) {
                code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
                i += 6;
            }
        }
        append_utf8(out, *code >= 0xD800 && *code < 0xE000 ? kReplacement : *code);
    }
    return std::nullopt;
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

}  // namespace

struct Document::Parser {
    simdjson::ondemand::parser parser;  // owns the unescaped strings
};

Document::Document() : parser_(std::make_unique<Parser>()) {}
Document::~Document() = default;

void Document::load(std::string_view text) {
    nodes_.clear();
    mended_.clear();
    length_ = text.size() + 2;
    const std::size_t needed = length_ + simdjson::SIMDJSON_PADDING;
    if (needed > room_ || (room_ > kRoomToKeep && needed < kRoomToKeep)) {
        parser_ = std::make_unique<Parser>();
        if (nodes_.capacity() > kRoomToKeep / sizeof(Node)) nodes_ = {};
        room_ = needed;
        padded_ = std::make_unique<char[]>(room_);
    }
    padded_[0] = '[';
    std::copy(text.begin(), text.end(), padded_.get() + 1);
    padded_[length_ - 1] = ']';
    std::fill_n(padded_.get() + length_, simdjson::SIMDJSON_PADDING, '\0');
}

// Walks the text once and fills the document's nodes. `at_` is where we are, for messages.
class NodeReader {
public:
    NodeReader(Document& document, const Rules& rules)
        : document_(document),
          rules_(rules),
          begin_(document.padded_.get() + 1),
          end_(document.padded_.get() + document.length_ - 1),
          at_(begin_) {}

    Result<std::uint32_t> read() {
        // The text stands in brackets of ours, so that a single word is read like any other value.
        auto text = document_.parser_->parser.iterate(
            simdjson::padded_string_view(document_.padded_.get(), document_.length_,
                                         document_.length_ + simdjson::SIMDJSON_PADDING));
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

    // Gives kNone for a value that is too deep to be kept.
    Result<std::uint32_t> read_value(value from, int depth) {
        const auto token = from.raw_json_token();
        at_ = token.data();
        auto index = kNone;
        if (depth <= rules_.kept_depth) {
            if (document_.nodes_.size() >= rules_.nodes)
                return refuse("more than " + std::to_string(rules_.nodes) + " values");
            index = std::uint32_t(document_.nodes_.size());
            document_.nodes_.emplace_back();
        }

        const char first = token.empty() ? '\0' : token.front();
        if (first == '{' || first == '[') {
            if (depth > rules_.depth)
                return refuse("nested deeper than " + std::to_string(rules_.depth));
            const auto filled =
                first == '{' ? read_object(from, index, depth) : read_array(from, index, depth);
            if (!filled) return std::unexpected(filled.error());
            // Between the last child and the closing bracket there are blanks only.
            while (at_ < end_ && kBlanks.find(*at_) != kBlanks.npos) ++at_;
            if (at_ == end_ || *at_ != (first == '{' ? '}' : ']'))
                return refuse(words_for(simdjson::TAPE_ERROR));
            ++at_;
            if (index != kNone) node(index).raw = {token.data(), std::size_t(at_ - token.data())};
            return index;
        }
        const auto filled = read_scalar(from, trim_end(token), index);
        if (!filled) return std::unexpected(filled.error());
        return index;
    }

    Result<void> read_scalar(value from, std::string_view token, std::uint32_t index) {
        Node found{.raw = token};
        if (token.starts_with('"')) {
            const auto text = unescaped(from.get_string(), token.data() + 1);
            if (!text) return std::unexpected(text.error());
            found.text = *text;
            found.kind = Kind::string;
        } else if (token == "true" || token == "false") {
            found.kind = Kind::boolean;
        } else if (is_number(token) || (rules_.python && is_python_number(token))) {
            found.kind = Kind::number;
        } else if (token != "null") {
            return refuse("expected a value");
        }
        if (index != kNone) node(index) = found;
        at_ = token.data() + token.size();
        return {};
    }

    // `behind` is where the string's text begins, behind the quote.
    Result<std::string_view> unescaped(simdjson::simdjson_result<std::string_view> text,
                                       const char* behind) {
        std::string_view found;
        if (!text.error()) {
            found = text.value_unsafe();
        } else {
            if (!rules_.python || text.error() != simdjson::STRING_ERROR)
                return refuse(words_for(text.error()));
            auto mended = unescape_mending({behind, std::size_t(end_ - behind)});
            if (!mended) return refuse(words_for(text.error()));
            found = document_.mended_.emplace_back(std::move(*mended));
        }
        if (found.size() > rules_.string_bytes)
            return refuse("a string is longer than " + std::to_string(rules_.string_bytes >> 10) +
                          " KiB");
        return found;
    }

    Result<void> read_array(value from, std::uint32_t index, int depth) {
        if (index != kNone) node(index).kind = Kind::array;
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
        if (index != kNone) {
            node(index).kind = Kind::object;
            node(index).last_name_wins = rules_.python;
        }
        auto found = from.get_object();
        if (found.error()) return refuse(words_for(found.error()));
        ++at_;
        std::uint32_t last = kNone;
        std::vector<std::string_view> keys;
        for (auto field : found) {
            if (field.error()) return refuse(words_for(field.error()));
            const char* behind = field.key().value_unsafe().raw();
            const auto key = unescaped(field.unescaped_key(), behind);
            if (!key) return std::unexpected(key.error());
            const auto child = read_value(field.value(), depth + 1);
            if (!child) return std::unexpected(child.error());
            if (*child != kNone) node(*child).key = *key;
            if (!rules_.python) keys.push_back(*key);
            append(index, last, *child);
        }
        std::sort(keys.begin(), keys.end());
        const auto twice = std::adjacent_find(keys.begin(), keys.end());
        if (twice != keys.end())
            return refuse("duplicate key \"" + std::string(twice->substr(0, 80)) + "\"");
        return {};
    }

    void append(std::uint32_t parent, std::uint32_t& last, std::uint32_t child) {
        if (child == kNone) return;
        (last == kNone ? node(parent).first_child : node(last).next_sibling) = child;
        last = child;
    }
    Node& node(std::uint32_t index) { return document_.nodes_[index]; }

    Document& document_;
    const Rules& rules_;
    const char* begin_;
    const char* end_;
    const char* at_;
};

Result<std::uint32_t> Document::read(std::string_view text, const Rules& rules) {
    load(text);
    return NodeReader(*this, rules).read();
}

std::optional<bool> bool_of(const Node& node) {
    if (node.kind != Kind::boolean) return std::nullopt;
    return node.raw == "true";
}

std::optional<std::int64_t> int64_of(const Node& node) {
    if (node.kind != Kind::number) return std::nullopt;
    std::int64_t number = 0;
    const char* end_of_text = node.raw.data() + node.raw.size();
    const auto [end, error] = std::from_chars(node.raw.data(), end_of_text, number);
    if (error != std::errc{} || end != end_of_text) return std::nullopt;
    return number;
}

std::optional<double> double_of(const Node& node) {
    if (node.kind != Kind::number) return std::nullopt;
    double number = 0;
    const auto [end, error] =
        std::from_chars(node.raw.data(), node.raw.data() + node.raw.size(), number);
    if (error != std::errc{}) return std::nullopt;
    return number;
}

std::uint32_t find_in(const Document& document, const Node& object, std::string_view key) {
    auto found = kNone;
    if (object.kind != Kind::object) return found;
    for (auto i = object.first_child; i != kNone; i = document.node(i).next_sibling) {
        if (document.node(i).key != key) continue;
        found = i;
        if (!object.last_name_wins) break;
    }
    return found;
}

}  // namespace cjv::json
