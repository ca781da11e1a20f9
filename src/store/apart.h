#pragma once
// Many changes in one transaction, of which one may be refused: it spares the others.

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "store/draft.h"

namespace cjv::store {

// Whether the database would take other work in this transaction after `error`: it is neither away nor damaged.
bool spares_others(const Transaction& tx, const Error& error);

// Does `work` under a savepoint: all of it is kept, or nothing of it has happened.
Result<void> under_savepoint(Transaction& tx,
                             const std::function<Result<void>(Transaction&)>& work);

struct Refusal {
    std::size_t index = 0;  // of the piece of work
    Error error;
};

// Does `work(transaction, index)` for 0 to `count` - 1: together, and where one of them is refused each under a
// savepoint of its own. So `work` may be called twice for an index. Returns those that were refused; an error
// where no other piece could be written either: the database is away or damaged.
Result<std::vector<Refusal>> do_each(
    Transaction& tx, std::size_t count,
    const std::function<Result<void>(Transaction&, std::size_t)>& work);

}  // namespace cjv::store
