#pragma once
// The address of a Redis as Celery writes it, and how it may be shown. Connecting is stream.h's
// business.

#include "base/error.h"
#include "base/secret.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cjv::net {

struct RedisUrl {
    enum class Via : std::uint8_t { tcp, tls, unix_socket };

    // Files of a TLS connection, PEM. The server's certificate and its name are always verified.
    struct Tls {
        std::string ca_file = {};                     // empty: the system's authorities
        std::string certificate = {}, key_file = {};  // ours, where the server asks for one
    };

    Via via = Via::tcp;
    std::string host = "127.0.0.1";  // a name or an address, without brackets
    std::uint16_t port = 6379;
    std::string path = {};  // of the Unix socket
    std::string user = {};  // empty: the user "default"
    Secret password = {};   // empty: none is sent
    int database = 0;
    Tls tls = {};
};

// Reads what kombu reads in a `broker_url`:
//
//   redis://[[user]:password@][host][:port][/database]
//   rediss://…[?ssl_cert_reqs=required&ssl_ca_certs=FILE&ssl_certfile=FILE&ssl_keyfile=FILE]
//   redis+socket://[[user]:password@]/path[?virtual_host=database]
//
// User, password, path and the values of options may be percent-encoded. `bad_input` says what was
// wrong and what would be right; it never quotes what may be a piece of the password.
Result<RedisUrl> parse_redis_url(std::string_view text);

// For logs, errors and answers: the password is stars, files are left out.
std::string to_text(const RedisUrl& url);

}  // namespace cjv::net
