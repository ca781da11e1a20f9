#include "net/redis_url.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

namespace cjv::net {
namespace {

using Via = RedisUrl::Via;

constexpr std::string_view kForms =
    "write redis://host:6379/0, rediss://host:6379/0 or redis+socket:///path/to/redis.sock";
// sockaddr_un has 108 bytes for a path and its end.
constexpr std::size_t kMostPathBytes = 107;

std::unexpected<Error> refused(std::string what) { return fail(Errc::bad_input, std::move(what)); }

std::string lower(std::string_view text) {
    std::string lowered(text);
    for (char& c : lowered)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return lowered;
}

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

// `part` names the piece in the refusal.
Result<std::string> percent_decoded(std::string_view text, std::string_view part) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
        const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
        if (!high || !low)
            return refused("the " + std::string(part) +
                           " has a '%' without two hexadecimal digits after it; a percent sign is "
                           "written %25");
        decoded += char(*high * 16 + *low);
        i += 2;
    }
    if (decoded.find('\0') != decoded.npos)
        return refused("the " + std::string(part) + " has a zero byte");
    return decoded;
}

Result<int> database_of(std::string_view text) {
    int number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || problem != std::errc{} || end != text.data() + text.size() || number < 0)
        return refused("the database must be a whole number from 0, such as redis://host:6379/0");
    return number;
}

Result<Via> via_of(std::string_view scheme) {
    if (scheme == "redis") return Via::tcp;
    if (scheme == "rediss") return Via::tls;
    if (scheme == "redis+socket") return Via::unix_socket;
    if (scheme == "sentinel") return refused("Redis Sentinel (sentinel://) is not supported yet");
    return refused("the scheme is not one of Redis; " + std::string(kForms));
}

Result<void> read_login(std::string_view text, RedisUrl& url) {
    const auto colon = text.find(':');
    if (colon == text.npos)
        return refused(
            "there is a user without a password; a password alone is written "
            "redis://:PASSWORD@host");
    auto user = percent_decoded(text.substr(0, colon), "user");
    if (!user) return std::unexpected(user.error());
    auto password = percent_decoded(text.substr(colon + 1), "password");
    if (!password) return std::unexpected(password.error());
    if (password->empty() && !user->empty())
        return refused("the user has an empty password; write redis://user:PASSWORD@host");
    url.user = *std::move(user);
    url.password = Secret(*std::move(password));
    return {};
}

bool is_host(std::string_view host, bool bracketed) {
    const auto is_letter = [&](char c) {
        return hex_digit(c) || (c >= '0' && c <= '9') || c == '.' ||
               (bracketed
                    ? c == ':'
                    : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_');
    };
    return !host.empty() && std::ranges::all_of(host, is_letter);
}

Result<void> read_host(std::string_view text, RedisUrl& url) {
    std::string_view host = text, port;
    const bool bracketed = text.starts_with('[');
    if (bracketed) {
        const auto end = text.find(']');
        if (end == text.npos) return refused("the IPv6 address has no closing bracket");
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!port.empty() && !port.starts_with(':'))
            return refused("a port is written [address]:6379");
    } else if (const auto colon = text.find(':'); colon != text.npos) {
        host = text.substr(0, colon);
        port = text.substr(colon);
    }
    if (!host.empty() || bracketed) {
        if (!is_host(host, bracketed))
            return refused("the host is neither a name nor an address; " + std::string(kForms));
        url.host = host;
    }
    if (port.size() > 1) {
        const auto* first = port.data() + 1;
        const auto* last = port.data() + port.size();
        const auto [end, problem] = std::from_chars(first, last, url.port);
        if (problem != std::errc{} || end != last || url.port == 0)
            return refused("the port must be a whole number from 1 to 65535");
    }
    return {};
}

Result<void> read_option(std::string_view name, std::string value, RedisUrl& url) {
    if (name == "virtual_host" && url.via == Via::unix_socket) {
        const auto database = database_of(std::string_view(value).substr(value.starts_with('/')));
        if (!database) return std::unexpected(database.error());
        url.database = *database;
        return {};
    }
    std::string* const file = name == "ssl_ca_certs"   ? &url.tls.ca_file
                              : name == "ssl_certfile" ? &url.tls.certificate
                              : name == "ssl_keyfile"  ? &url.tls.key_file
                                                       : nullptr;
    if (!file && name != "ssl_cert_reqs" && name != "ssl_check_hostname")
        return refused("the option '" + std::string(name) +
                       "' is not known here; known are ssl_cert_reqs, ssl_ca_certs, ssl_certfile, "
                       "ssl_keyfile and ssl_check_hostname (rediss://), virtual_host "
                       "(redis+socket://)");
    if (url.via != Via::tls)
        return refused("the option '" + std::string(name) + "' needs rediss://");
    if (file) {
        if (value.empty()) return refused("the option '" + std::string(name) + "' names no file");
        *file = std::move(value);
        return {};
    }
    const std::string word = lower(value);
    if (name == "ssl_check_hostname" && word != "true" && word != "1")
        return refused("ssl_check_hostname must be true: the server's name is always verified");
    if (name == "ssl_cert_reqs" && word != "required" && word != "cert_required")
        return refused("ssl_cert_reqs must be 'required': without it anybody could be the server");
    return {};
}

Result<void> read_options(std::string_view query, RedisUrl& url) {
    std::set<std::string_view> seen;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        const auto name = pair.substr(0, equals);
        if (!seen.insert(name).second)
            return refused("the option '" + std::string(name) + "' is there twice");
        auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())), name);
        if (!value) return std::unexpected(value.error());
        if (auto read = read_option(name, *std::move(value), url); !read) return read;
    }
    if (url.tls.certificate.empty() && !url.tls.key_file.empty())
        return refused("ssl_keyfile needs ssl_certfile as well");
    return {};
}

Result<void> read_place(std::string_view host, std::string_view path, RedisUrl& url) {
    if (url.via != Via::unix_socket) {
        if (auto read = read_host(host, url); !read) return read;
        if (path.size() <= 1) return {};
        const auto database = database_of(path.substr(1));
        if (!database) return std::unexpected(database.error());
        url.database = *database;
        return {};
    }
    if (!host.empty() || path.size() < 2)
        return refused("the socket's path must be absolute: redis+socket:///path/to/redis.sock");
    auto decoded = percent_decoded(path, "path");
    if (!decoded) return std::unexpected(decoded.error());
    if (decoded->size() > kMostPathBytes)
        return refused("the socket's path is longer than " + std::to_string(kMostPathBytes) +
                       " bytes");
    url.host.clear();
    url.port = 0;
    url.path = *std::move(decoded);
    return {};
}

}  // namespace

Result<RedisUrl> parse_redis_url(std::string_view text) {
    const auto scheme_end = text.find("://");
    if (scheme_end == text.npos) return refused("it is not a URL; " + std::string(kForms));
    const auto via = via_of(lower(text.substr(0, scheme_end)));
    if (!via) return std::unexpected(via.error());
    RedisUrl url{.via = *via};

    const auto rest = text.substr(scheme_end + 3);
    const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
    const auto authority = rest.substr(0, authority_end);
    auto path = rest.substr(authority_end);
    // Everything after the first '/' of a raw password would be read as something else, and quoted.
    if (const auto at = path.find('@');
        at < path.find('?') && *via != Via::unix_socket && path.starts_with('/'))
        return refused("there is an '@' after a '/'; in a password '/' is written %2F");
    if (path.find('#') != path.npos)
        return refused("there is a '#'; in a password it is written %23");
    if (path.starts_with('?') && path.find('@') != path.npos)
        return refused("there is an '@' after a '?'; in a password '?' is written %3F");

    const auto question = std::min(path.find('?'), path.size());
    const auto query = path.substr(std::min(question + 1, path.size()));
    path = path.substr(0, question);

    const auto at =
        authority.rfind('@');  // as Python's urlsplit does: a raw '@' may be in the password
    if (at != authority.npos)
        if (auto read = read_login(authority.substr(0, at), url); !read)
            return std::unexpected(read.error());
    const auto host = at == authority.npos ? authority : authority.substr(at + 1);
    if (auto read = read_place(host, path, url); !read) return std::unexpected(read.error());
    if (auto read = read_options(query, url); !read) return std::unexpected(read.error());
    return url;
}

std::string to_text(const RedisUrl& url) {
    std::string login;
    if (!url.password.empty()) {
        login = url.user;
        login += ':';
        login += to_text(url.password);
        login += '@';
    }
    const auto database = std::to_string(url.database);
    if (url.via == Via::unix_socket)
        return "redis+socket://" + login + url.path + "?virtual_host=" + database;
    const bool is_v6 = url.host.find(':') != url.host.npos;
    return (url.via == Via::tls ? "rediss://" : "redis://") + login +
           (is_v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port) + "/" +
           database;
}

}  // namespace cjv::net
