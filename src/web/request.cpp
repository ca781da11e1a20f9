#include "web/request.h"

#include "web/form.h"

#include <algorithm>
#include <charconv>

namespace cjv::web {
namespace {

constexpr std::size_t kMaxParameters = 100;

struct MethodName {
    Method method;
    std::string_view text;
};
constexpr MethodName kMethods[] = {
    {Method::get, "GET"},         {Method::head, "HEAD"},   {Method::post, "POST"},
    {Method::put, "PUT"},         {Method::patch, "PATCH"}, {Method::delete_, "DELETE"},
    {Method::options, "OPTIONS"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; }

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

// The media type without its parameters.
std::string_view essence(std::string_view type) { return trim(type.substr(0, type.find(';'))); }

enum class BodyType : std::uint8_t { none, json, form, other };
constexpr std::string_view kUrlEncoded = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data";

BodyType body_type(const Request& request) {
    if (request.body.empty()) return BodyType::none;
    const auto type = essence(request.header("content-type"));
    if (equal_ignoring_case(type, "application/json")) return BodyType::json;
    if (equal_ignoring_case(type, kUrlEncoded) || equal_ignoring_case(type, kMultipart))
        return BodyType::form;
    return BodyType::other;
}

std::optional<FormFields> read_form(const Request& request) {
    const auto type = request.header("content-type");
    return equal_ignoring_case(essence(type), kMultipart) ? parse_multipart(type, request.body)
                                                          : parse_urlencoded(request.body);
}

}  // namespace

std::string_view to_text(Method method) {
    for (const auto& entry : kMethods)
        if (entry.method == method) return entry.text;
    return "other";
}

Method method_from(std::string_view text) {
    for (const auto& entry : kMethods)
        if (entry.text == text) return entry.method;
    return Method::other;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view Request::header(std::string_view name) const {
    for (const Header& header : headers)
        if (equal_ignoring_case(header.name, name)) return header.value;
    return {};
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    for (const Header& header : headers) {
        if (!equal_ignoring_case(header.name, "cookie")) continue;
        for (std::string_view rest = header.value; !rest.empty();) {
            const auto end = std::min(rest.find(';'), rest.size());
            const auto pair = trim(rest.substr(0, end));
            const auto equals = pair.find('=');
            if (equals != pair.npos && pair.substr(0, equals) == name)
                return pair.substr(equals + 1);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> Request::parameter(std::string_view name) const {
    for (auto pair = query.rbegin(); pair != query.rend(); ++pair)
        if (pair->first == name) return pair->second;
    return std::nullopt;
}

bool Request::wants_problem() const {
    return header("accept").find("application/problem+json") != std::string_view::npos;
}

std::optional<std::string> percent_decode(std::string_view text, Plus plus) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::blank) {
            decoded += ' ';
        } else if (text[i] == '%') {
            if (text.size() - i < 3) return std::nullopt;
            const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
            decoded += char(high << 4 | low);
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    for (const char c : text) {
        if (kPlain.find(c) != kPlain.npos) {
            encoded += c;
            continue;
        }
        encoded += '%';
        encoded += kHex[static_cast<unsigned char>(c) >> 4];
        encoded += kHex[c & 15];
    }
    return encoded;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> query;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) continue;
        if (query.size() == kMaxParameters) return std::nullopt;
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), Plus::blank);
        auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), Plus::blank);
        if (!name || !value) return std::nullopt;
        query.emplace_back(*std::move(name), *std::move(value));
    }
    return query;
}

std::vector<std::string_view> split_list(std::string_view text) {
    std::vector<std::string_view> items;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        if (const auto item = trim(text.substr(0, end)); !item.empty()) items.push_back(item);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return items;
}

Result<json::Value> read_object(const Request& request) {
    std::string form;
    std::string_view text = request.body;
    // A gigabyte of zeros is a megabyte of gzip: we take bodies as they are (S-28 of
    // docs/design/guarantees.md).
    const auto coding = request.header("content-encoding");
    if (!coding.empty() && !equal_ignoring_case(coding, "identity"))
        return refuse("", std::string(kUnsupportedMediaType),
                      "Unsupported content encoding \"" + std::string(coding) + "\" in request.");
    switch (body_type(request)) {
        case BodyType::none: text = "{}"; break;
        case BodyType::json: break;
        case BodyType::form: {
            const auto fields = read_form(request);
            if (!fields) return fail(Errc::bad_input, "Form parse error - the form is malformed.");
            text = form = form_json(*fields);
            break;
        }
        case BodyType::other:
            return refuse("", std::string(kUnsupportedMediaType),
                          "Unsupported media type \"" +
                              std::string(essence(request.header("content-type"))) +
                              "\" in request.");
    }
    auto body = json::parse(text);
    if (!body) return fail(Errc::bad_input, "JSON parse error - " + body.error().what);
    if (body->kind() != json::Kind::object)
        return refuse("", "invalid", "Invalid data. Expected a dictionary.");
    return body;
}

std::optional<std::string> form_field(const Request& request, std::string_view name) {
    if (body_type(request) != BodyType::form) return std::nullopt;
    const auto fields = read_form(request);
    if (!fields) return std::nullopt;
    for (const auto& [key, value] : *fields)
        if (key == name) return value;
    return std::nullopt;
}

Result<Uuid> path_id(const Request& request) {
    const auto id = parse_uuid(request.value);
    if (!id) return fail(Errc::not_found, "Not found.");
    return *id;
}

Result<std::int64_t> whole_parameter(const Request& request, std::string_view name,
                                     std::int64_t fallback, std::int64_t least, std::int64_t most) {
    const auto text = request.parameter(name);
    if (!text || text->empty()) return fallback;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size())
        return refuse(std::string(name), "invalid", "A valid integer is required.");
    if (number < least)
        return refuse(
            std::string(name), "min_value",
            "Ensure this value is greater than or equal to " + std::to_string(least) + ".");
    if (number > most)
        return refuse(std::string(name), "max_value",
                      "Ensure this value is less than or equal to " + std::to_string(most) + ".");
    return number;
}

}  // namespace cjv::web
