// Any bytes as a server's: the replies do not depend on how the bytes are cut, no limit is passed, and
// every question to a reply has an answer.

#include "net/resp.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace cjv::net;

constexpr ReplyLimits kLimits{.bytes = 2'000, .elements = 200, .line_bytes = 300};

void demand(bool holds) {
    if (!holds) std::abort();
}

void write(std::string& to, const Reply& reply, int depth) {
    demand(depth <= 8);
    demand(may_pass(reply.trouble()) || reply.trouble() == Trouble::none || !reply.text().empty() ||
           reply.is(ReplyType::error));
    to += char('0' + int(reply.type()));
    to += std::to_string(reply.integer());
    to += reply.text();
    to += '(';
    for (std::size_t i = 0; i < reply.size(); ++i) write(to, reply[i], depth + 1);
    to += ')';
    demand(reply[reply.size()].is(ReplyType::nil));
}

struct Reading {
    std::string replies;
    bool is_broken = false;
    bool operator==(const Reading&) const = default;
};

Reading read(std::string_view bytes, std::size_t step) {
    ReplyReader reader(kLimits);
    Replies replies;
    Reading reading;
    while (!bytes.empty() && !reading.is_broken) {
        auto piece = bytes.substr(0, step);
        bytes.remove_prefix(piece.size());
        for (;;) {
            const auto next = reader.next(piece, replies);
            reading.is_broken = next == ReplyReader::Next::broken;
            demand(reading.is_broken == !reader.refusal().empty());
            if (next != ReplyReader::Next::reply) break;
        }
    }
    std::size_t elements = 0;
    for (std::size_t i = 0; i < replies.size(); ++i) {
        write(reading.replies, replies[i], 1);
        elements += replies[i].size();
    }
    demand(elements <= kLimits.elements);
    return reading;
}

}  // namespace

// The first byte says into how large pieces the rest is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4'000) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    demand(read(bytes, bytes.size() + 1) == read(bytes, 1 + data[0] % 64));
    return 0;
}
