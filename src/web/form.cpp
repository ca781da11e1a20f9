#include "web/form.h"

#include "base/json.h"
#include "web/request.h"

#include <algorithm>

namespace cjv::web {
namespace {

constexpr std::size_t kMaxParts = 100;

// The value of `name` in "form-data; name=\"a\"; filename=b"; nothing when it is not there.
std::optional<std::string_view> attribute(std::string_view header, std::string_view name) {
    for (auto at = header.find(';'); at != header.npos; at = header.find(';', at + 1)) {
        auto rest = header.substr(at + 1);
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        if (!equal_ignoring_case(rest.substr(0, name.size()), name)) continue;
        rest.remove_prefix(std::min(name.size(), rest.size()));
        if (!rest.starts_with('=')) continue;
        rest.remove_prefix(1);
        if (!rest.starts_with('"')) return rest.substr(0, rest.find(';'));
        const auto end = rest.find('"', 1);
        if (end == rest.npos) return std::nullopt;
        return rest.substr(1, end - 1);
    }
    return std::nullopt;
}

// One part: its headers, an empty line, its text.
bool read_part(std::string_view part, FormFields& fields) {
    constexpr std::string_view kDisposition = "content-disposition:";
    const auto end = part.find("\r\n\r\n");
    if (end == part.npos || fields.size() == kMaxParts) return false;
    std::string_view headers = part.substr(0, end);
    while (!headers.empty()) {
        const auto line_end = std::min(headers.find("\r\n"), headers.size());
        const auto line = headers.substr(0, line_end);
        headers.remove_prefix(std::min(line_end + 2, headers.size()));
        if (!equal_ignoring_case(line.substr(0, kDisposition.size()), kDisposition)) continue;
        const auto name = attribute(line, "name");
        if (!name || attribute(line, "filename")) return false;
        fields.emplace_back(*name, part.substr(end + 4));
        return true;
    }
    return false;
}

}  // namespace

std::optional<FormFields> parse_urlencoded(std::string_view body) { return parse_query(body); }

std::optional<FormFields> parse_multipart(std::string_view content_type, std::string_view body) {
    const auto boundary = attribute(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > 70) return std::nullopt;  // RFC 2046
    const std::string delimiter = "\r\n--" + std::string(*boundary);
    // The first one has no line end before it when nothing stands before it.
    if (!body.starts_with(std::string_view(delimiter).substr(2))) return std::nullopt;
    std::string_view rest = body.substr(delimiter.size() - 2);

    FormFields fields;
    while (rest.starts_with("\r\n")) {
        rest.remove_prefix(2);
        const auto end = rest.find(delimiter);
        if (end == rest.npos || !read_part(rest.substr(0, end), fields)) return std::nullopt;
        rest.remove_prefix(end + delimiter.size());
    }
    if (!rest.starts_with("--")) return std::nullopt;
    return fields;
}

std::string form_json(const FormFields& fields) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    for (auto field = fields.begin(); field != fields.end(); ++field) {
        const bool comes_again = std::any_of(field + 1, fields.end(), [&](const auto& later) {
            return later.first == field->first;
        });
        if (!comes_again) out.field(field->first, field->second);
    }
    out.end_object();
    return text;
}

}  // namespace cjv::web
