#pragma once
// What a run printed; docs/reference/openapi.yaml says how it is answered.

#include "web/context.h"
#include "web/route.h"

namespace cjv::web {

// With `follow=1` a stream, else the text, or a range of it: read while it is sent, whatever its length.
Response show_output(const Request& request, Context& app);
Served show_output_served(const Request& request);

}  // namespace cjv::web
