#pragma once
// The parameters of a list of logs become the store's filter and order.

#include "base/error.h"
#include "domain/board.h"
#include "store/store.h"
#include "web/request.h"

namespace cjv::web {

struct LogQuery {
    store::LogFilter filter;
    store::LogOrder order = store::LogOrder::newest;
    bool nothing_matches = false;  // a job was asked for that there is not: the page is empty
};

// `bad_input` for an unknown value of a known parameter, with its name. Reads the store for jobs that are
// deleted and whose runs are kept.
Result<LogQuery> read_log_query(const Request& request, store::Store& store);

}  // namespace cjv::web
