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
    // A password that is a piece of what surrounds it, or has stars, is there by chance.
    const auto& password = url->password.reveal();
    const auto around = url->user + "@" + url->host + " " + url->path;
    if (password.size() > 8 && password.find('*') == password.npos &&
        around.find(password) == around.npos)
        demand(to_text(*url).find(password) == std::string::npos);
    if (url->via != RedisUrl::Via::unix_socket && url->password.empty()) {
        const auto again = parse_redis_url(to_text(*url));
        demand(again && to_text(*again) == to_text(*url));
    }
    return 0;
}
