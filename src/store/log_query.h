#pragma once
// The SQL of a list of logs: a filter becomes conditions over `runs` and over `skips`, and an order a key to sort by.
// What the lines hold is logs.cpp's business.

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

namespace cjv::store {

// Built for one filter, which it borrows from.
class LogQuery {
public:
    // Lines older than `after` only, where given.
    LogQuery(const LogFilter& filter, LogOrder order, std::optional<RunId> after = {});
    LogQuery(const LogQuery&) = delete;
    LogQuery& operator=(const LogQuery&) = delete;

    // Rows (id, 1 for a range and 0 for a run), in the list's order.
    std::string page(std::int64_t offset, std::int64_t limit);
    // One row: how many match, and the oldest of them; of the newest `most` at most, where given.
    std::string count(std::optional<std::int64_t> most);

    Params params() const { return params_; }

private:
    std::string bind(const Param& param);
    std::string bind(const RunId& id);
    template <class Values>
    std::string any_of(std::string_view column, const Values& values);
    void match_names(const LogFilter& filter);
    void match(const LogFilter& filter);
    std::string select(std::string_view of_runs, std::string_view of_skips, bool by_indexes) const;

    LogOrder order_;
    bool of_one_job_ = false;
    bool with_skips_ = true;
    std::string runs_, skips_;  // conditions, each " AND …"
    std::vector<Param> params_;
    std::deque<RunId> ids_;  // that parameters borrow
};

}  // namespace cjv::store
