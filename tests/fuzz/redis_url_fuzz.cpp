// Any text as an address of Redis: what is read can be written and read again, and neither a refusal nor
// the text that is shown tells the password.

#include "net/redis_url.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cjv::net;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto url = parse_redis_url(text);
    if (!url) {
        demand(!url.error().what.empty());
        return 0;
    }
    demand(url->database >= 0);
    demand(url->via == RedisUrl::Via::unix_socket ? !url->path.empty() : !url->host.empty());
    if (!url->password.empty()) {
        auto other = *url;
        other.password = cjv::Secret(url->password.reveal() + "?");
        demand(to_text(other) == to_text(*url));
    }
    if (url->via != RedisUrl::Via::unix_socket && url->password.empty()) {
        const auto again = parse_redis_url(to_text(*url));
        demand(again && to_text(*again) == to_text(*url));
    }
    return 0;
}
