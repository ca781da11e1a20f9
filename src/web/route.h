#pragma once
// One row of the table of addresses. The table itself is routes.cpp.

#include "domain/rights.h"
#include "web/request.h"
#include "web/response.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace cjv::web {

struct Context;

// On which thread a handler runs.
enum class Served : std::uint8_t {
    inline_,   // io: board and memory only, well under 100 µs
    pooled,    // a reader: SQL
    changing,  // a changer: hands a promise to the writer and waits
    hashing,   // a hasher: Argon2
    asking,    // a caller: waits for replies of the fleet
    stream,    // io: the answer goes on
};

using Handler = Response (*)(const Request&, Context&);

struct Route {
    Method method;
    std::string_view pattern;  // "/api/cron-jobs/{id}/"; below "/api/" it is the prefix's too
    std::optional<domain::Right> right;  // the least that one needs; without it nothing starts
    Served served;
    Handler handler;
    Served (*depends)(const Request&) = nullptr;  // instead of `served`
};

// Every address, who may, and where it is served.
std::span<const Route> routes();

}  // namespace cjv::web
