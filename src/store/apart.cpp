#include "store/apart.h"

namespace cjv::store {

bool spares_others(const Transaction& tx, const Error& error) {
    return error.code != Errc::unavailable && !tx.db.damaged() && tx.db.in_transaction();
}

Result<void> under_savepoint(Transaction& tx,
                             const std::function<Result<void>(Transaction&)>& work) {
    auto savepoint = Scope::open(tx.db, Scope::Kind::savepoint);
    if (!savepoint) return std::unexpected(savepoint.error());
    Draft draft(tx.draft);
    Transaction own{.db = tx.db,
                    .draft = draft,
                    .now = tx.now,
                    .key = tx.key,
                    .encode = tx.encode,
                    .takes_places = tx.takes_places};
    if (auto done = work(own); !done) return done;
    if (auto kept = savepoint->commit(); !kept) return kept;
    draft.keep(tx.now);
    return {};
}

Result<std::vector<Refusal>> do_each(
    Transaction& tx, std::size_t count,
    const std::function<Result<void>(Transaction&, std::size_t)>& work) {
    const auto together = under_savepoint(tx, [&](Transaction& own) -> Result<void> {
        for (std::size_t i = 0; i < count; ++i)
            if (auto done = work(own, i); !done) return done;
        return {};
    });
    if (together) return {};
    if (!spares_others(tx, together.error())) return std::unexpected(together.error());

    std::vector<Refusal> refusals;
    for (std::size_t i = 0; i < count; ++i) {
        auto done = under_savepoint(tx, [&](Transaction& own) { return work(own, i); });
        if (done) continue;
        if (!spares_others(tx, done.error())) return std::unexpected(done.error());
        refusals.push_back({i, std::move(done.error())});
    }
    return refusals;
}

}  // namespace cjv::store
