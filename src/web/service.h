#pragma once
// From a whole request to its answer, without sockets: host, route, who, where, handler. Refusals come in
// that order; each answer gets what all answers have.

#include "base/error.h"
#include "web/assets.h"
#include "web/context.h"
#include "web/framing.h"
#include "web/router.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cjv::web {

// Any thread may call it; its parts keep nothing of a request.
class Service {
public:
    // `context` must outlive it. `listen_host` is one of the names that we answer to.
    Service(Context& context, Router router, Assets assets, std::string_view listen_host);

    // The io thread's part. Sets id, client, query, root, value and caller of the request.
    struct Step {
        std::optional<Response> answer = {};  // it is refused, or was served here
        const Route* route = nullptr;         // else: call serve() where `served` says
        Served served = Served::inline_;
    };
    Step begin(Request& request);
    // The handler; an exception of it is logged and becomes 500.
    Response serve(const Route& route, const Request& request);
    // An answer for a request that a full queue turns away.
    Response busy(const Request& request, Served served) const;
    // The answer to bytes that are no request.
    Response framing_refusal(Request& request, const Refusal& refusal);

    // Whether a stream may go on: its caller is still signed in and still may. Counts as use.
    bool may_go_on(const Request& request, domain::Right right);

    Context& context() { return context_; }

private:
    std::optional<Response> turn_away(Request& request);
    Step find(Request& request);
    Step enter(Request& request, const Router::Found& found);
    std::string next_id();

    Context& context_;
    const Router router_;
    const Assets assets_;
    const std::vector<std::string> hosts_;
    std::string id_start_;  // of this start of the program
    std::atomic<std::uint64_t> id_count_{0};
};

}  // namespace cjv::web
