#pragma once
// Celery's `broker_transport_options` for Redis: what of them we follow. An option that would change
// the wire and that we would not follow is refused by its name, so that nobody's tasks go where no
// worker looks.

#include "base/error.h"
#include "base/json.h"
#include "celery/transport.h"

#include <span>
#include <string>
#include <string_view>

namespace cjv::celery {

struct TransportOption {
    std::string_view name;
    std::string_view refusal;  // a sentence; empty: we follow the option
};
// The whole table, for the reference page.
std::span<const TransportOption> transport_options();

// `options` is the object that the Python side has, `database` the number in the broker's URL.
// `bad_input` with one field for everything that is wrong: an unknown name, one that is refused, a
// value that is none.
Result<Transport> read_transport_options(const json::Value& options, int database);

// The same for `result_backend_transport_options`, of which only `global_keyprefix` is followed (Celery 5.3 and
// newer follow it): see result_key().
Result<std::string> read_result_transport_options(const json::Value& options);

}  // namespace cjv::celery
