#include "web/response.h"

#include <algorithm>
#include <vector>

namespace cjv::web {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProblemJson = "application/problem+json";

// On every answer (S-19 of docs/design/guarantees.md). Whether the connection is TLS's is a proxy's business so far,
// so HSTS is the proxy's too.
constexpr std::string_view kAlways =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()\r\n";
constexpr std::string_view kData =
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Cache-Control: no-store\r\n";

struct Meaning {
    int status;
    std::string_view code;
};

Meaning meaning_of(Errc code) {
    switch (code) {
        case Errc::bad_input: return {400, "invalid"};
        case Errc::unauthenticated: return {401, "not_authenticated"};
        case Errc::forbidden: return {403, "permission_denied"};
        case Errc::not_found: return {404, "not_found"};
        case Errc::conflict: return {409, "conflict"};
        case Errc::stale: return {412, "stale"};
        case Errc::throttled: return {429, "throttled"};
        case Errc::unavailable: return {503, "unavailable"};
        case Errc::corrupt: return {500, "error"};
    }  // no default: the compiler asks here when a code is added
    return {500, "error"};
}

// Field errors nested as the body is: {"target": {"argv": {"0": ["…"]}}}.
struct Tree {
    std::string name = {};
    std::vector<std::string> messages = {};
    std::vector<Tree> children = {};  // in the order of the errors

    Tree& child(std::string_view child_name) {
        for (Tree& tree : children)
            if (tree.name == child_name) return tree;
        children.push_back({std::string(child_name)});
        return children.back();
    }
};

Tree tree_of(const std::vector<FieldError>& fields) {
    Tree root;
    for (const FieldError& field : fields) {
        Tree* node = &root;
        std::string_view path = field.path;
        if (path.empty()) path = "non_field_errors";
        while (!path.empty()) {
            const auto dot = std::min(path.find('.'), path.size());
            node = &node->child(path.substr(0, dot));
            path.remove_prefix(std::min(dot + 1, path.size()));
        }
        node->messages.push_back(field.message);
    }
    return root;
}

void write(json::Writer& out, const Tree& tree) {
    const auto write_messages = [&] {
        out.begin_array();
        for (const auto& message : tree.messages) out.value(message);
        out.end_array();
    };
    if (tree.children.empty()) return write_messages();
    out.begin_object();
    if (!tree.messages.empty()) {
        out.key("non_field_errors");
        write_messages();
    }
    for (const Tree& child : tree.children) {
        out.key(child.name);
        write(out, child);
    }
    out.end_object();
}

void write_fields(json::Writer& out, const std::vector<FieldError>& fields) {
    out.key("errors");
    out.begin_array();
    for (const FieldError& field : fields) {
        out.begin_object();
        out.field("path", field.path);
        out.field("code", field.code);
        out.field("message", field.message);
        if (!field.field.empty()) out.field("field", field.field);
        if (field.column > 0) out.field("column", field.column);
        if (!field.hint.empty()) out.field("hint", field.hint);
        if (!field.suggest.empty()) out.field("suggest", json::Raw{field.suggest});
        out.end_object();
    }
    out.end_array();
}

struct Trouble {
    int status;
    std::string_view code;
    std::string_view detail;
    const std::vector<FieldError>* fields = nullptr;
    json::Raw current = {};
};

Response answer(const Request& request, const Trouble& trouble) {
    Response response;
    response.status = trouble.status;
    json::Writer out(response.body);
    if (request.wants_problem()) {
        response.type = kProblemJson;
        out.begin_object();
        out.field("type", "about:blank");
        out.field("title", reason_phrase(trouble.status));
        out.field("status", trouble.status);
        out.field("detail", trouble.detail);
        out.field("code", trouble.code);
        if (trouble.fields) write_fields(out, *trouble.fields);
        out.field("request_id", request.id);
        if (!trouble.current.text.empty()) out.field("current", trouble.current);
        out.end_object();
    } else if (trouble.fields) {
        response.type = kJson;
        write(out, tree_of(*trouble.fields));
    } else {
        response.type = kJson;
        out.begin_object();
        out.field("detail", trouble.detail);
        // The one code that old clients have to tell from others of its status.
        if (trouble.code == "password_change_required") out.field("code", trouble.code);
        if (!trouble.current.text.empty()) out.field("current", trouble.current);
        out.end_object();
    }
    if (trouble.status == 401) add_header(response, "WWW-Authenticate", "Token");
    if (trouble.status == 429 || trouble.status == 503) add_header(response, "Retry-After", "1");
    return response;
}

// Nothing: it ends with the connection, or there is none.
std::optional<std::uint64_t> length_of(const Response& response) {
    if (response.stream || response.status == 204 || response.status == 304) return std::nullopt;
    return response.pieces ? response.pieces->size : response.bytes().size();
}

}  // namespace

void add_header(Response& response, std::string_view name, std::string_view value) {
    response.headers += name;
    response.headers += ": ";
    response.headers += value.substr(0, value.find_first_of("\r\n"));
    response.headers += "\r\n";
}

Response json(int status, std::string body) {
    Response response;
    response.status = status;
    response.type = kJson;
    response.body = std::move(body);
    return response;
}

Response text(int status, std::string body) {
    Response response = json(status, std::move(body));
    response.type = "text/plain; charset=utf-8";
    return response;
}

Response empty(int status) {
    Response response;
    response.status = status;
    return response;
}

Response redirect(int status, std::string_view location) {
    Response response = empty(status);
    add_header(response, "Location", location);
    return response;
}

Response event_stream(std::shared_ptr<Source> source) {
    Response response;
    response.type = "text/event-stream";
    response.stream = std::move(source);
    add_header(response, "X-Accel-Buffering", "no");
    return response;
}

Response problem(const Request& request, const Error& error) { return problem(request, error, {}); }

Response problem(const Request& request, const Error& error, json::Raw current) {
    const Meaning meaning = meaning_of(error.code);
    Trouble trouble{meaning.status, meaning.code, error.what, nullptr, current};
    // What a database said is for the log; the reader gets the request's id to ask with.
    if (error.code == Errc::corrupt) trouble.detail = "A server error occurred.";
    if (error.fields.empty()) return answer(request, trouble);

    const std::string& first_code = error.fields.front().code;
    if (error.code == Errc::bad_input && first_code != kUnsupportedMediaType) {
        trouble.fields = &error.fields;
        return answer(request, trouble);
    }
    if (first_code == kUnsupportedMediaType) trouble.status = 415;
    trouble.code = first_code;
    return answer(request, trouble);
}

Response refusal(const Request& request, int status, std::string_view code,
                 std::string_view detail) {
    return answer(request, {status, code, detail});
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 409: return "Conflict";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        default: return "Unknown";
    }
}

bool is_chunked(const Response& response, bool takes_chunks) {
    return response.pieces && !response.pieces->size && takes_chunks;
}

void append_head(std::string& out, const Response& response, const HeadFacts& facts) {
    const auto line = [&](std::string_view name, std::string_view value) {
        out += name;
        out += value;
        out += "\r\n";
    };
    out += "HTTP/1.1 ";
    out += std::to_string(response.status);
    line(" ", reason_phrase(response.status));
    line("Date: ", facts.date);
    if (!response.type.empty()) line("Content-Type: ", response.type);
    if (is_chunked(response, facts.takes_chunks))
        line("Transfer-Encoding: ", "chunked");
    else if (const auto length = length_of(response))
        line("Content-Length: ", std::to_string(*length));
    if (!facts.keep_alive) line("Connection: ", "close");
    line("X-Request-Id: ", facts.request_id);
    out += kAlways;
    if (!response.is_public) out += kData;
    out += response.headers;
    out += "\r\n";
}

}  // namespace cjv::web
