#include "domain/fields.h"

#include "base/iso8601.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace cjv::domain {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\n\r\f\v";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::size_t characters(std::string_view utf8) {
    return std::size_t(std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

// Also the two line ends that only Unicode knows.
bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }) ||
           text.contains("\u2028") || text.contains("\u2029");
}

std::string shown(const json::Value& value) {
    if (const auto text = value.as_string()) return std::string(*text);
    if (const auto yes = value.as_bool()) return *yes ? "True" : "False";
    return std::string(value.raw());
}

// As DRF: "5", " 5 " and 5.0 are whole numbers.
std::optional<std::int64_t> whole_number(const json::Value& value) {
    if (const auto number = value.as_int64()) return number;
    const auto text = value.as_string();
    if (!text && value.kind() != json::Kind::number) return std::nullopt;
    std::string_view digits = text ? trimmed(*text) : value.raw();
    if (const auto dot = digits.find('.'); dot != std::string_view::npos) {
        if (digits.find_first_not_of('0', dot + 1) != std::string_view::npos) return std::nullopt;
        digits = digits.substr(0, dot);
    }
    std::int64_t number = 0;
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (wrong != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

std::optional<bool> truth(const json::Value& value) {
    if (value.as_bool()) return value.as_bool();
    const auto text = value.as_string();
    std::string word(text                                 ? trimmed(*text)
                     : value.kind() == json::Kind::number ? value.raw()
                                                          : std::string_view());
    for (char& c : word) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    for (const char* yes : {"true", "1", "on", "yes", "t", "y"})
        if (word == yes) return true;
    for (const char* no : {"false", "0", "off", "no", "f", "n"})
        if (word == no) return false;
    return std::nullopt;
}

// Edits of one letter, with capitals for nothing: how far a typing error is from a name.
std::size_t distance(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (lower(a[i]) != lower(b[j]));
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

std::string nearest_hint(std::string_view name, const std::vector<std::string>& known) {
    constexpr std::size_t kLongest = 64;  // a stranger's text: its length is not ours to pay for
    if (name.size() > kLongest) return {};
    const auto nearest = std::ranges::min_element(
        known, {}, [&](const std::string& other) { return distance(name, other); });
    if (nearest == known.end() || distance(name, *nearest) > 1 + name.size() / 4) return {};
    return fmt::format("Did you mean \"{}\"?", *nearest);
}

}  // namespace

std::string_view python_type(const json::Value& value) {
    switch (value.kind()) {
        case json::Kind::null: return "NoneType";
        case json::Kind::boolean: return "bool";
        case json::Kind::number: return value.as_int64() ? "int" : "float";
        case json::Kind::string: return "str";
        case json::Kind::array: return "list";
        case json::Kind::object: return "dict";
    }
    return "object";
}

void Fields::ask(std::string_view name) {
    if (std::ranges::find(asked_, name) == asked_.end()) asked_.emplace_back(name);
}

std::optional<json::Value> Fields::value(std::string_view name) {
    ask(name);
    return object_.find(name);
}

bool Fields::has(std::string_view name) { return value(name).has_value(); }

bool Fields::has_value(std::string_view name) {
    const auto given = value(name);
    return given && !given->is_null();
}

std::optional<std::string> Fields::text_of(const std::string& name, const json::Value& given,
                                           const TextRule& rule) {
    if (given.is_null()) {
        if (rule.null_is_blank) return "";
        refuse(name, "null", "This field may not be null.");
        return std::nullopt;
    }
    const auto string = given.as_string();
    if (!string && (rule.is_strict || given.kind() != json::Kind::number)) {
        refuse(name, "invalid", "Not a valid string.");
        return std::nullopt;
    }
    const std::string_view whole = string ? *string : given.raw();
    const std::string_view text = rule.is_strict ? whole : trimmed(whole);
    const std::size_t errors = errors_.size();
    if (text.empty() && !rule.may_be_blank) refuse(name, "blank", "This field may not be blank.");
    if (characters(text) > rule.max_length)
        refuse(name, "max_length",
               fmt::format("Ensure this field has no more than {} characters.", rule.max_length));
    if (text.contains('\0'))
        refuse(name, "null_characters_not_allowed", "Null characters are not allowed.");
    else if (rule.one_line && has_control(text))
        refuse(name, "invalid", "Control characters are not allowed.");
    if (errors_.size() > errors) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> Fields::text(std::string_view name, const TextRule& rule) {
    const auto given = value(name);
    return given ? text_of(std::string(name), *given, rule) : std::nullopt;
}

std::optional<bool> Fields::boolean(std::string_view name) {
    const auto given = value(name);
    if (!given) return std::nullopt;
    const auto yes = truth(*given);
    if (given->is_null())
        refuse(name, "null", "This field may not be null.");
    else if (!yes)
        refuse(name, "invalid", "Must be a valid boolean.");
    return yes;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, IntegerRange range) {
    const auto given = value(name);
    if (!given) return std::nullopt;
    const auto number = whole_number(*given);
    if (given->is_null())
        refuse(name, "null", "This field may not be null.");
    else if (!number)
        refuse(name, "invalid", "A valid integer is required.");
    else if (*number < range.low)
        refuse(name, "min_value",
               fmt::format("Ensure this value is greater than or equal to {}.", range.low));
    else if (*number > range.high)
        refuse(name, "max_value",
               fmt::format("Ensure this value is less than or equal to {}.", range.high));
    else
        return number;
    return std::nullopt;
}

std::optional<Instant> Fields::instant(std::string_view name) {
    const auto given = value(name);
    if (!given) return std::nullopt;
    const auto text = given->as_string();
    const auto at = text ? parse_iso8601(trimmed(*text)) : std::nullopt;
    if (given->is_null())
        refuse(name, "null", "This field may not be null.");
    else if (!at)
        refuse(name, "invalid",
               "Datetime has wrong format. Use one of these formats instead: "
               "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].");
    else if (at->time_since_epoch() % std::chrono::seconds{1} != std::chrono::seconds{0})
        refuse(name, "invalid", "Ensure this value has no fractions of a second.");
    else
        return at;
    return std::nullopt;
}

std::optional<json::Value> Fields::object(std::string_view name) {
    auto given = value(name);
    if (!given || given->kind() == json::Kind::object) return given;
    if (given->is_null())
        refuse(name, "null", "This field may not be null.");
    else
        refuse(name, "not_a_dict",
               fmt::format("Expected a dictionary of items but got type \"{}\".",
                           python_type(*given)));
    return std::nullopt;
}

std::optional<std::vector<std::string>> Fields::texts(std::string_view name, std::size_t max_items,
                                                      const TextRule& rule) {
    const auto given = value(name);
    if (!given) return std::nullopt;
    if (given->kind() != json::Kind::array) {
        if (given->is_null())
            refuse(name, "null", "This field may not be null.");
        else
            refuse(
                name, "not_a_list",
                fmt::format("Expected a list of items but got type \"{}\".", python_type(*given)));
        return std::nullopt;
    }
    const std::vector<json::Value> items = given->items();
    if (items.size() > max_items) {
        refuse(name, "max_length",
               fmt::format("Ensure this field has no more than {} elements.", max_items));
        return std::nullopt;
    }
    const std::size_t errors = errors_.size();
    std::vector<std::string> texts;
    texts.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i)
        texts.push_back(text_of(fmt::format("{}.{}", name, i), items[i], rule).value_or(""));
    if (errors_.size() > errors) return std::nullopt;
    return texts;
}

void Fields::only_default(std::string_view name, std::initializer_list<std::string_view> words) {
    const auto given = value(name);
    if (!given || given->as_string() == *words.begin()) return;
    const auto word = given->as_string();
    if (word && std::ranges::find(words, *word) != words.end())
        refuse(name, "not_available", std::string(kNotAvailable));
    else
        refuse_choice(name, *given);
}

void Fields::only_number(std::string_view name, std::int64_t standard, IntegerRange range) {
    const auto number = integer(name, range);
    if (number && *number != standard) refuse(name, "not_available", std::string(kNotAvailable));
}

void Fields::only_null(std::string_view name) {
    if (has_value(name)) refuse(name, "not_available", std::string(kNotAvailable));
}

void Fields::require(std::string_view name) {
    if (!has(name)) refuse(name, "required", "This field is required.");
}

void Fields::refuse(std::string_view name, std::string code, std::string message,
                    std::string hint) {
    errors_.push_back({.path = path_to(name),
                       .code = std::move(code),
                       .message = std::move(message),
                       .hint = std::move(hint)});
}

void Fields::refuse_choice(std::string_view name, const json::Value& given) {
    if (given.is_null())
        refuse(name, "null", "This field may not be null.");
    else
        refuse(name, "invalid_choice", fmt::format("\"{}\" is not a valid choice.", shown(given)));
}

void Fields::refuse_unknown(std::initializer_list<std::string_view> ignored) {
    for (const auto& [key, member] : object_.members()) {
        if (std::ranges::find(asked_, key) != asked_.end()) continue;
        if (std::ranges::find(ignored, key) != ignored.end()) continue;
        refuse(key, "unknown", "Unknown field.", nearest_hint(key, asked_));
    }
}

std::string Fields::path_to(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

std::unexpected<Error> refuse_all(std::vector<FieldError> errors) {
    const FieldError& first = errors.front();
    std::string what =
        first.path.empty() ? first.message : fmt::format("{}: {}", first.path, first.message);
    if (errors.size() > 1) what += fmt::format(" (and {} more)", errors.size() - 1);
    return std::unexpected(Error{Errc::bad_input, std::move(what), std::move(errors)});
}

}  // namespace cjv::domain
