#pragma once
// An answer: status, headers, body. Here, and only here, an Error becomes a status and a body: DRF's,
// or RFC 9457 for who asks for it.

#include "base/error.h"
#include "base/json.h"
#include "web/request.h"
#include "web/stream.h"

#include <memory>
#include <string>
#include <string_view>

namespace cjv::web {

struct Response {
    int status = 200;
    std::string_view type = {};  // Content-Type; empty: there is no body
    std::string headers = {};    // whole lines, see add_header()
    std::string body = {};
    std::string_view fixed = {};          // instead of body: bytes that live as long as the program
    std::shared_ptr<Pieces> pieces = {};  // instead of body
    std::shared_ptr<Source> stream = {};  // instead of body
    bool is_public = false;  // carries its own caching and content policy: assets and pages

    std::string_view bytes() const { return fixed.empty() ? std::string_view(body) : fixed; }
};

// A value with line ends is cut at the first: it must not begin another header.
void add_header(Response& response, std::string_view name, std::string_view value);

Response json(int status, std::string body);
Response text(int status, std::string body);
Response empty(int status);
Response redirect(int status, std::string_view location);
Response event_stream(std::shared_ptr<Source> source);

// The status and body of an error.
Response problem(const Request& request, const Error& error);
// With a member `current` beside the detail: what is there now, as JSON (412).
Response problem(const Request& request, const Error& error, json::Raw current);
// A refusal whose status no Errc has: 405, 406, 413, 415, 503 of a full queue.
Response refusal(const Request& request, int status, std::string_view code,
                 std::string_view detail);

std::string_view reason_phrase(int status);

// Status line and headers, up to and with the empty line.
struct HeadFacts {
    std::string_view request_id;
    std::string_view date;  // of the header Date
    bool keep_alive = false;
    bool takes_chunks = true;  // the other end understands chunks: HTTP/1.1
};
// Whether the body is sent in chunks.
bool is_chunked(const Response& response, bool takes_chunks);
void append_head(std::string& out, const Response& response, const HeadFacts& facts);

}  // namespace cjv::web
