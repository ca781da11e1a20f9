#pragma once
// Which requests are turned away for where they come from: the names we answer to, the pages that may
// call us, the proxies that we believe. Pure. Who the caller is, is auth.h's business.

#include "web/request.h"

#include <span>
#include <string>
#include <string_view>

namespace cjv::web {

// Whether we answer to `host` ("name", "name:port", "[v6]:port"). `allowed` has names without ports.
bool is_our_host(std::string_view host, std::span<const std::string> allowed);
// Loopback names, the address we listen on, and what the configuration names.
std::vector<std::string> our_hosts(std::string_view listen_host,
                                   std::span<const std::string> configured);

bool is_unsafe(Method method);
// Whether a browser says, in Sec-Fetch-Site or Origin, that a page of another site sends this. Clients that
// are no browsers send neither, and so pass.
bool is_cross_site(const Request& request);

// The address of the client: of the peer, or what the right-most proxy that we trust says.
std::string client_address(const Request& request, std::span<const std::string> trusted_proxies);
// Whether the client's own connection is TLS, as a proxy that we trust says.
bool is_secure(const Request& request, std::span<const std::string> trusted_proxies);

// Whether one of the types that we can answer with is among those of the header Accept.
bool accepts_answer(std::string_view accept, bool is_stream);

}  // namespace cjv::web
