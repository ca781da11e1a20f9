#include "celery/typed_json.h"

#include "base/base64.h"
#include "base/id.h"
#include "base/iso8601.h"

#include <algorithm>

namespace cjv::celery {
namespace {

bool are_hex_digits(std::string_view text) {
    return text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

// The digits of {"hex": "<32 digits>"}; empty for anything else.
std::string_view hex_of(const json::Item& value) {
    const auto hex = value.find("hex");
    const auto digits = hex ? hex->as_string().value_or("") : std::string_view();
    return digits.size() == 32 && are_hex_digits(digits) ? digits : std::string_view();
}

std::string with_dashes(std::string_view hex) {
    std::string text(hex);
    for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, "-");
    return text;
}

bool is_decimal(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const auto digits = std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return digits > 0 && text.find_first_not_of("0123456789.eE+-") == text.npos &&
           std::ranges::count(text, '.') <= 1;
}

bool is_date(std::string_view text) { return text.size() == 10 && parse_iso8601(text).has_value(); }

bool is_time(std::string_view text) {
    return text.size() >= 5 && parse_iso8601("2000-01-01T" + std::string(text)).has_value();
}

class PlainWriter {
public:
    void write(const json::Item& item) {
        if (const auto typed = typed_value(item)) return write_typed(*typed, item);
        switch (item.kind()) {
            case json::Kind::number: return write_number(item.raw());
            case json::Kind::string: return write_text(item.as_string().value_or(""));
            case json::Kind::array: return write_children(item, '[', ']');
            case json::Kind::object: return write_children(item, '{', '}');
            default: out_ += item.raw();
        }
    }

    std::string take() { return std::move(out_); }

private:
    void write_text(std::string_view text) {
        std::string quoted;
        json::Writer(quoted).value(text);
        out_ += quoted;
    }

    void write_number(std::string_view raw) {
        const bool is_word = raw.ends_with('N') || raw.ends_with('y');
        if (is_word)
            write_text(raw);
        else
            out_ += raw;
    }

    void write_typed(const TypedValue& typed, const json::Item& whole) {
        if (const auto text = typed.value.as_string()) return write_text(*text);
        if (const auto hex = hex_of(typed.value); typed.type == "uuid" && !hex.empty())
            return write_text(with_dashes(hex));
        write_children(whole, '{', '}');
    }

    void write_children(const json::Item& item, char open, char close) {
        out_ += open;
        bool first = true;
        for (const json::Item child : item) {
            if (!first) out_ += ", ";
            first = false;
            if (open == '{') {
                write_text(child.key());
                out_ += ": ";
            }
            write(child);
        }
        out_ += close;
    }

    std::string out_;
};

}  // namespace

std::optional<TypedValue> typed_value(const json::Item& item) {
    if (!item.is_object()) return std::nullopt;
    int keys = 0;
    for (const json::Item child : item) {
        if (child.key() != "__type__" && child.key() != "__value__") return std::nullopt;
        if (++keys > 2) return std::nullopt;
    }
    const auto type = item.find("__type__");
    const auto value = item.find("__value__");
    if (!type || !value) return std::nullopt;
    return TypedValue{type->as_string().value_or(""), *value};
}

bool is_known(const TypedValue& value) {
    if (value.type == "uuid") return !hex_of(value.value).empty();
    const auto text = value.value.as_string();
    if (!text) return false;
    if (value.type == "datetime") return text->size() > 10 && parse_iso8601(*text).has_value();
    if (value.type == "date") return is_date(*text);
    if (value.type == "time") return is_time(*text);
    if (value.type == "decimal") return is_decimal(*text);
    if (value.type == "bytes") return true;
    std::string bytes;
    return value.type == "base64" && decode_base64(*text, bytes);
}

std::string plain_json(const json::Item& item) {
    PlainWriter writer;
    writer.write(item);
    return writer.take();
}

}  // namespace cjv::celery
