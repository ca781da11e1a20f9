#include "web/parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <optional>
#include <string>

namespace cjv::web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Beast = http::request_parser<http::string_body>;

constexpr std::size_t kReadBytes = 4 * 1024;  // most requests come in one read

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct Parser::Parts {
    State state = State::empty;
    Refusal refusal;
    std::string bytes;        // what came and is not consumed, and room behind it
    std::size_t size = 0;     // how much of `bytes` came
    std::size_t scanned = 0;  // how much of it is known not to end the head
    std::optional<Beast> beast;
    std::vector<Header> fields;
    std::size_t field_count = 0;  // of the head, without trailers
    bool has_extension = false;
    std::function<void(std::uint64_t, beast::string_view, beast::error_code&)> on_chunk =
        [this](std::uint64_t, beast::string_view extension, beast::error_code&) {
            if (!extension.empty()) has_extension = true;
        };

    void consume(std::size_t count) {
        bytes.erase(0, count);
        size -= count;
    }
};

Parser::Parser() : parts_(std::make_unique<Parts>()) {}
Parser::~Parser() = default;

Parser::State Parser::state() const { return parts_->state; }
const Refusal& Parser::refusal() const { return parts_->refusal; }

std::span<char> Parser::room() {
    Parts& p = *parts_;
    if (p.bytes.size() < p.size + kReadBytes) p.bytes.resize(p.size + kReadBytes);
    return {p.bytes.data() + p.size, p.bytes.size() - p.size};
}

Parser::State Parser::took(std::size_t count) {
    parts_->size += count;
    return advance();
}

Parser::State Parser::refuse(Refusal refusal) {
    parts_->refusal = refusal;
    return parts_->state = State::refused;
}

Parser::State Parser::advance() {
    Parts& p = *parts_;
    if (p.state == State::empty && p.size > 0) p.state = State::head;
    if (p.state == State::head) read_head();
    if (p.state == State::body) read_body();
    return p.state;
}

Parser::State Parser::read_head() {
    Parts& p = *parts_;
    const std::string_view here(p.bytes.data(), p.size);
    const auto end = here.find("\r\n\r\n", p.scanned < 3 ? 0 : p.scanned - 3);
    const bool complete = end != here.npos;
    const auto head = here.substr(0, complete ? end + 4 : here.size());
    if (const auto refused = refuse_bytes(head)) return refuse(*refused);
    p.scanned = here.size();
    if (!complete) return p.state;

    p.beast.emplace();
    p.beast->header_limit(kMaxHeadBytes);
    p.beast->body_limit(kMaxBodyBytes);
    p.beast->on_chunk_header(p.on_chunk);
    beast::error_code error;
    p.beast->put(asio::buffer(head.data(), head.size()), error);
    if (error == http::error::body_limit) return refuse({413, "the body is longer than 1 MiB"});
    if (error || !p.beast->is_header_done()) return refuse({400, "the request is malformed"});

    const auto& message = p.beast->get();
    p.fields.clear();
    for (const auto& field : message)
        p.fields.push_back({view(field.name_string()), view(field.value())});
    p.field_count = p.fields.size();
    const Head found{view(message.method_string()), view(message.target()), int(message.version()),
                     p.fields};
    if (const auto refused = refuse_head(found)) return refuse(*refused);

    p.consume(head.size());
    p.beast->eager(!p.beast->chunked());  // chunks one by one, see read_body()
    return p.state = p.beast->is_done() ? State::complete : State::body;
}

Parser::State Parser::read_body() {
    Parts& p = *parts_;
    // Beast 1.81 asserts that it is never shown less than the last chunk's five bytes twice. A chunked body
    // always ends with that many, so waiting for them costs nothing.
    const std::size_t least = p.beast->chunked() ? 5 : 1;
    while (p.size >= least && !p.beast->is_done()) {
        beast::error_code error;
        const auto used = p.beast->put(asio::buffer(p.bytes.data(), p.size), error);
        p.consume(used);
        if (p.has_extension) return refuse({400, "a chunk extension"});
        if (error == http::error::need_more) break;
        if (error == http::error::body_limit) return refuse({413, "the body is longer than 1 MiB"});
        if (error) return refuse({400, "the body is malformed"});
        if (used == 0) break;
    }
    if (!p.beast->is_done()) {
        if (p.size < least) return p.state;
        // Beast left it, so it is the line before a chunk or behind the last one, and not yet whole.
        const std::string_view line(p.bytes.data(), p.size);
        if (line.size() > kMaxLineBytes) return refuse({400, "a chunk's head is too long"});
        if (const auto end = line.find('\n');
            end != line.npos && (end == 0 || line[end - 1] != '\r'))
            return refuse({400, "a line feed without its return"});
        return p.state;
    }
    const auto& message = p.beast->get();
    if (std::size_t(std::distance(message.begin(), message.end())) != p.field_count)
        return refuse({400, "fields behind the body"});
    return p.state = State::complete;
}

bool Parser::expects_continue() const {
    if (parts_->state != State::body) return false;
    for (const Header& field : parts_->fields)
        if (equal_ignoring_case(field.name, "expect") &&
            equal_ignoring_case(field.value, "100-continue"))
            return true;
    return false;
}

void Parser::fill(Request& request) const {
    const auto& message = parts_->beast->get();
    request.method = method_from(view(message.method_string()));
    request.target = origin_form(view(message.target()));
    request.path = request.target.substr(0, request.target.find('?'));
    request.headers = parts_->fields;
    request.body = message.body();
}

bool Parser::keep_alive() const { return parts_->beast && parts_->beast->keep_alive(); }

bool Parser::takes_chunks() const { return parts_->beast && parts_->beast->get().version() >= 11; }

Parser::State Parser::next() {
    Parts& p = *parts_;
    p.beast.reset();
    p.fields.clear();
    p.scanned = 0;
    p.has_extension = false;
    p.state = State::empty;
    return advance();
}

void Parser::shrink() {
    Parts& p = *parts_;
    p.bytes = {};
    p.size = p.scanned = 0;
}

}  // namespace cjv::web
