#pragma once
// One request as handlers see it, and reading it with refusals. Which requests never get this far is
// framing.h's and gate.h's business.

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "domain/user.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cjv::web {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };
std::string_view to_text(Method method);
Method method_from(std::string_view text);

// Borrowed from the connection, which keeps it until the answer is written.
struct Header {
    std::string_view name, value;
};

// The other end of the connection.
struct Peer {
    std::string address;  // "127.0.0.1"; empty for the control socket
    bool local = false;   // the control socket, and our own user or root behind it
};

using SessionHash = std::array<std::uint8_t, 32>;

// Who asks, once that is known.
struct Caller {
    domain::User user;
    std::optional<SessionHash> session = {};  // of the cookie; nothing: the control socket
    std::string csrf = {};                    // the session's token
};

struct Request {
    Method method = Method::get;
    std::string_view target;                                 // as sent: "/api/cron-jobs/?page=2"
    std::string_view path;                                   // of it, undecoded: "/api/cron-jobs/"
    std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
    std::vector<Header> headers;
    std::string_view body;

    Peer peer;
    std::string client;  // the address behind trusted proxies; for throttles and records
    std::string id;      // X-Request-Id of the answer
    Instant now{};       // when it was complete

    // The router's and the gate's findings.
    std::string_view root;   // what stood before "api/": "/" or the prefix
    std::string_view value;  // the part of the path where the pattern has {…}, undecoded
    std::optional<Caller> caller;

    // The first header of that name, whatever its case; empty when there is none.
    std::string_view header(std::string_view name) const;
    std::optional<std::string_view> cookie(std::string_view name) const;
    // The last parameter of that name, as Django has it; nothing when there is none.
    std::optional<std::string_view> parameter(std::string_view name) const;
    // Whether the client asked for RFC 9457 instead of DRF's error bodies.
    bool wants_problem() const;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);

// %41 and, in a query, + for a blank. Nothing when a % is not followed by two hex digits, or hides a NUL.
enum class Plus : bool { literal, blank };
std::optional<std::string> percent_decode(std::string_view text, Plus plus);
std::string percent_encode(std::string_view text);

// Nothing when there are more than 100 parameters or an escape is broken.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text);

// "a,b,,c" as a, b, c.
std::vector<std::string_view> split_list(std::string_view text);

// The body as a JSON object; an empty body is an empty object, a form an object of texts. Another type is
// `unsupported_media_type` below, malformed JSON DRF's "JSON parse error - …".
Result<json::Value> read_object(const Request& request);

// The field of a form; nothing where the body is none.
std::optional<std::string> form_field(const Request& request, std::string_view name);

// Errors that have a status of their own are told by the code of their first field.
inline constexpr std::string_view kUnsupportedMediaType = "unsupported_media_type";

// {id} of the path as a UUID; `not_found` when it is none.
Result<Uuid> path_id(const Request& request);

// A whole number of the query; `bad_input` when it is none or out of range.
Result<std::int64_t> whole_parameter(const Request& request, std::string_view name,
                                     std::int64_t fallback, std::int64_t least, std::int64_t most);

}  // namespace cjv::web
