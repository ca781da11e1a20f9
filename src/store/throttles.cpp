#include "store/throttles.h"

#include <algorithm>

namespace cjv::store {
namespace {

constexpr std::chrono::days kRemembered{1};

constexpr auto kLoad = "SELECT key, failures, next FROM throttles WHERE next >= $1";
constexpr auto kPut = R"sql(
    INSERT INTO throttles (key, failures, next) VALUES ($1, $2, $3)
    ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, next = excluded.next)sql";
constexpr auto kForget = "DELETE FROM throttles WHERE key = $1";
constexpr auto kForgetOld = "DELETE FROM throttles WHERE next < $1";

}  // namespace

Result<std::vector<ThrottleRow>> load_throttles(Database& db, Instant now) {
    std::vector<ThrottleRow> rows;
    const auto read = db.query(kLoad, {now - kRemembered}, [&](const Row& row) {
        ThrottleRow throttle{.failures = row.integer(1), .next = row.instant(2)};
        const Bytes key = row.bytes(0);
        std::copy_n(key.begin(), std::min(key.size(), throttle.key.size()), throttle.key.begin());
        rows.push_back(throttle);
    });
    if (!read) return fail(read.error(), "load throttles");
    return rows;
}

Result<void> record_throttle(Transaction& tx, const ThrottleRow& row) {
    const auto written = row.failures > 0
                             ? tx.db.run(kPut, {Bytes(row.key), row.failures, row.next})
                             : tx.db.run(kForget, {Bytes(row.key)});
    if (!written) return fail(written.error(), "record throttle");
    const auto forgotten = tx.db.run(kForgetOld, {tx.now - kRemembered});
    if (!forgotten) return fail(forgotten.error(), "forget throttles");
    return {};
}

}  // namespace cjv::store
