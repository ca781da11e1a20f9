// Any bytes as a connection: what is read of them does not depend on how they are cut, and what passes
// the framing guard has one reading only. Then everything that looks at a request does.

#include "web/form.h"
#include "web/gate.h"
#include "web/parser.h"
#include "web/request.h"
#include "web/response.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cjv;
using namespace cjv::web;
using State = Parser::State;

void demand(bool holds) {
    if (!holds) std::abort();
}

std::size_t count(const Request& request, std::string_view name) {
    return std::size_t(std::ranges::count_if(request.headers, [&](const Header& header) {
        return equal_ignoring_case(header.name, name);
    }));
}

// What two readers in a row could disagree on is not there.
void judge_framing(const Request& request) {
    demand(count(request, "host") == 1);
    demand(count(request, "content-length") + count(request, "transfer-encoding") <= 1);
    if (count(request, "content-length") == 1)
        demand(std::stoull(std::string(request.header("content-length"))) == request.body.size());
    else if (count(request, "transfer-encoding") == 0)
        demand(request.body.empty());
    demand(request.headers.size() <= kMaxFields && request.body.size() <= kMaxBodyBytes);
    demand(request.path.starts_with('/') && request.path.size() <= kMaxPathBytes);
    for (const Header& header : request.headers)
        demand(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
}

// Nothing that a stranger sends ends a header of ours.
void judge_answer(const Request& request, const Error& error) {
    Response response = problem(request, error);
    add_header(response, "Location", request.target);
    std::string head;
    append_head(head, response, {.request_id = "r", .date = "d"});
    demand(head.find("\r\n\r\n") == head.size() - 4);
    demand(json::parse(response.body).has_value());
}

void judge(Request& request) {
    judge_framing(request);
    if (request.target.size() > request.path.size()) {
        auto query = parse_query(request.target.substr(request.path.size() + 1));
        if (query) request.query = *std::move(query);
    }
    (void)request.cookie("cjv_session");
    (void)is_cross_site(request);
    (void)client_address(request, std::vector<std::string>{""});
    (void)accepts_answer(request.header("accept"), true);
    (void)form_field(request, "csrfmiddlewaretoken");
    const auto body = read_object(request);
    judge_answer(request, body ? Error{Errc::not_found, std::string(request.path)} : body.error());
}

struct Reading {
    std::vector<std::string> requests;
    bool refused = false;
    bool operator==(const Reading&) const = default;
};

Reading read(std::string_view bytes, std::size_t step) {
    Parser parser;
    Reading reading;
    State state = parser.state();
    for (;;) {
        while (state == State::complete) {
            Request request;
            parser.fill(request);
            reading.requests.push_back(std::string(to_text(request.method)) + " " +
                                       std::string(request.target) + "\n" +
                                       std::string(request.body));
            judge(request);
            state = parser.next();
        }
        reading.refused = state == State::refused;
        if (bytes.empty() || reading.refused) return reading;
        const auto room = parser.room();
        const auto taken = std::min({step, bytes.size(), room.size()});
        std::memcpy(room.data(), bytes.data(), taken);
        bytes.remove_prefix(taken);
        state = parser.took(taken);
    }
}

}  // namespace

// The first byte says into how large pieces the rest is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4'000) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    demand(read(bytes, bytes.size() + 1) == read(bytes, 1 + data[0] % 64));
    return 0;
}
