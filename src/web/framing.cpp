#include "web/framing.h"

#include <algorithm>

namespace cjv::web {
namespace {

using Refused = std::optional<Refusal>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What RFC 3986 lets stand in a path or query, plus what browsers leave bare in a query.
bool is_target_byte(char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("\"<>\\^`{|}#").find(c) == std::string_view::npos;
}

bool is_sound_target(std::string_view target) {
    if (!target.starts_with('/') || !std::ranges::all_of(target, is_target_byte)) return false;
    return percent_decode(target, Plus::literal).has_value();
}

// "http://host/path" as its two parts; the authority is empty when it is not of that form.
struct Absolute {
    std::string_view authority, rest;
};
Absolute split_absolute(std::string_view target) {
    constexpr std::string_view kSchemes[] = {"http://", "https://"};
    for (const auto scheme : kSchemes) {
        if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
        const auto rest = target.substr(scheme.size());
        const auto slash = std::min(rest.find('/'), rest.size());
        return {rest.substr(0, slash), rest.substr(slash)};
    }
    return {};
}

struct Counts {
    int hosts = 0, lengths = 0, encodings = 0;
    std::string_view host, length, encoding;
};

Counts count(std::span<const Header> fields) {
    Counts counts;
    for (const Header& field : fields) {
        if (equal_ignoring_case(field.name, "host")) ++counts.hosts, counts.host = field.value;
        if (equal_ignoring_case(field.name, "content-length"))
            ++counts.lengths, counts.length = field.value;
        if (equal_ignoring_case(field.name, "transfer-encoding"))
            ++counts.encodings, counts.encoding = field.value;
    }
    return counts;
}

Refused refuse_length(const Counts& counts, int version) {
    if (counts.lengths > 1) return Refusal{400, "more than one Content-Length"};
    if (counts.lengths == 1 &&
        (counts.length.empty() || !std::ranges::all_of(counts.length, is_digit)))
        return Refusal{400, "Content-Length is not a plain number"};
    if (counts.encodings == 0) return {};
    if (version < 11) return Refusal{400, "Transfer-Encoding in HTTP/1.0"};
    if (counts.lengths > 0) return Refusal{400, "Transfer-Encoding beside Content-Length"};
    if (counts.encodings > 1) return Refusal{400, "more than one Transfer-Encoding"};
    if (!equal_ignoring_case(counts.encoding, "chunked"))
        return Refusal{400, "a Transfer-Encoding other than chunked"};
    return {};
}

Refused refuse_host(const Counts& counts) {
    if (counts.hosts == 0) return Refusal{400, "no Host"};
    if (counts.hosts > 1) return Refusal{400, "more than one Host"};
    if (counts.host.empty() || counts.host.find_first_of(" \t,/@?#\\") != std::string_view::npos)
        return Refusal{400, "Host is not a name or an address"};
    return {};
}

Refused refuse_target(std::string_view target, std::string_view host) {
    std::string_view path = target;
    if (!target.starts_with('/')) {
        const Absolute absolute = split_absolute(target);
        if (absolute.authority.empty()) return Refusal{400, "the target is not a path"};
        if (!equal_ignoring_case(absolute.authority, host))
            return Refusal{400, "the target names another host"};
        path = absolute.rest.empty() ? "/" : absolute.rest;
    }
    if (!is_sound_target(path)) return Refusal{400, "the path holds bytes that it may not"};
    if (path.substr(0, path.find('?')).size() > kMaxPathBytes)
        return Refusal{400, "the path is longer than 1 KiB"};
    return {};
}

}  // namespace

std::optional<Refusal> refuse_bytes(std::string_view head) {
    if (head.starts_with('\r') || head.starts_with('\n'))
        return Refusal{400, "an empty line before the request"};
    std::size_t line_start = 0;
    for (auto at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1)) {
        if (at == 0 || head[at - 1] != '\r') return Refusal{400, "a line feed without its return"};
        if (at + 1 - line_start > kMaxLineBytes) return Refusal{431, "a line is longer than 4 KiB"};
        line_start = at + 1;
        if (line_start < head.size() && (head[line_start] == ' ' || head[line_start] == '\t'))
            return Refusal{400, "a folded line"};
    }
    if (head.size() - line_start > kMaxLineBytes)
        return Refusal{431, "a line is longer than 4 KiB"};
    if (head.size() > kMaxHeadBytes) return Refusal{431, "the head is longer than 8 KiB"};
    return {};
}

std::optional<Refusal> refuse_head(const Head& head) {
    if (head.version != 10 && head.version != 11) return Refusal{400, "not HTTP/1.0 or HTTP/1.1"};
    if (head.fields.size() > kMaxFields) return Refusal{431, "more than 64 header fields"};
    const Counts counts = count(head.fields);
    if (const auto refused = refuse_length(counts, head.version)) return refused;
    if (const auto refused = refuse_host(counts)) return refused;
    return refuse_target(head.target, counts.host);
}

std::string_view origin_form(std::string_view target) {
    if (target.starts_with('/')) return target;
    const auto rest = split_absolute(target).rest;
    return rest.empty() ? "/" : rest;
}

}  // namespace cjv::web
