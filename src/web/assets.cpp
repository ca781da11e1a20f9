#include "web/assets.h"

#include "base/crypto.h"
#include "base/json.h"

#include <algorithm>
#include <array>

namespace cjv::web {
namespace {

// Hashed names: their content never changes.
constexpr std::string_view kHashed = "assets/";

struct Ending {
    std::string_view ending, type;
};
constexpr Ending kTypes[] = {
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

std::string_view type_of(std::string_view name) {
    for (const auto& entry : kTypes)
        if (name.ends_with(entry.ending)) return entry.type;
    return "application/octet-stream";
}

std::string etag_of(std::string_view bytes) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto digest = crypto::sha256(bytes);
    std::string etag = "\"";
    for (std::size_t i = 0; i < 12; ++i) {
        etag += kHex[digest[i] >> 4];
        etag += kHex[digest[i] & 15];
    }
    return etag + "\"";
}

bool accepts(const Request& request, std::string_view coding) {
    for (const auto item : split_list(request.header("accept-encoding"))) {
        const auto name = item.substr(0, item.find(';'));
        if (equal_ignoring_case(name.substr(0, name.find(' ')), coding) && !item.ends_with("q=0"))
            return true;
    }
    return false;
}

bool is_known(const Request& request, std::string_view etag) {
    const auto header = request.header("if-none-match");
    if (header == "*") return true;
    return std::ranges::any_of(split_list(header), [&](std::string_view item) {
        if (item.starts_with("W/")) item.remove_prefix(2);
        return item == etag;
    });
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

}  // namespace

Assets::Assets(std::span<const EmbeddedFile> files, std::string prefix, std::string version)
    : prefix_(std::move(prefix)), version_(std::move(version)) {
    for (const EmbeddedFile& entry : files) {
        if (entry.name.starts_with('.')) continue;  // .vite/manifest.json is the build's
        if (entry.name == "index.html") {
            index_ = entry.bytes;
        } else if (entry.name.ends_with(".br")) {
            files_[std::string(entry.name.substr(0, entry.name.size() - 3))].br = entry.bytes;
        } else if (entry.name.ends_with(".gz")) {
            files_[std::string(entry.name.substr(0, entry.name.size() - 3))].gz = entry.bytes;
        } else {
            File& file = files_[std::string(entry.name)];
            file.plain = entry.bytes;
            file.etag = etag_of(entry.bytes);
        }
    }
    std::erase_if(files_, [](const auto& entry) { return entry.second.etag.empty(); });
}

Response Assets::serve(const Request& request) const {
    const auto name = request.path.substr(std::min(prefix_.size(), request.path.size()));
    if (const auto found = files_.find(name); found != files_.end())
        return file(request, name, found->second);
    // Never the page: it would be read as a script ("Unexpected token '<'").
    if (name.starts_with(kHashed) || index_.empty()) return text(404, "Not found.\n");
    return page(request);
}

Response Assets::file(const Request& request, std::string_view name, const File& file) const {
    Response response;
    response.is_public = true;
    add_header(response, "ETag", file.etag);
    add_header(response, "Vary", "Accept-Encoding");
    add_header(response, "Cache-Control",
               name.starts_with(kHashed) ? "public, max-age=31536000, immutable" : "no-cache");
    add_header(response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (is_known(request, file.etag)) {
        response.status = 304;
        return response;
    }
    response.type = type_of(name);
    response.fixed = file.plain;
    if (!file.br.empty() && accepts(request, "br")) {
        response.fixed = file.br;
        add_header(response, "Content-Encoding", "br");
    } else if (!file.gz.empty() && accepts(request, "gzip")) {
        response.fixed = file.gz;
        add_header(response, "Content-Encoding", "gzip");
    }
    return response;
}

// Each answer differs by nonce and time, so there is no ETag: a page from the cache would carry an old
// nonce beside a new policy.
Response Assets::page(const Request& request) const {
    const std::string nonce = crypto::random_text(16);
    std::string boot;
    json::Writer out(boot);
    out.begin_object();
    out.field("version", version_);
    out.field("prefix", prefix_);
    out.field("server_time", request.now);
    out.end_object();
    replace_all(boot, "<", "\\u003c");  // nothing in it may end the script element

    Response response;
    response.is_public = true;
    response.type = "text/html; charset=utf-8";
    response.body = index_;
    replace_all(response.body, "__CJV_BASE__", prefix_);
    replace_all(response.body, "__CJV_NONCE__", nonce);
    replace_all(response.body, "__CJV_BOOT__", boot);
    add_header(response, "Cache-Control", "no-cache");
    add_header(response, "Content-Security-Policy",
               "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce +
                   "'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri "
                   "'self'; form-action 'self'; frame-ancestors 'none'");
    return response;
}

}  // namespace cjv::web
