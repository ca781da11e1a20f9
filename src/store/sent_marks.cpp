#include "store/sent_marks.h"

#include <memory>

#include "store/outbox.h"

namespace cjv::store {

Result<void> keep_mark(Transaction& tx, const SentRun& sent) {
    const auto kept = tx.db.run("INSERT OR IGNORE INTO sent_marks VALUES ($1, $2, $3, $4)",
                                {sent.run, sent.batch->list, number_now(tx, sent.sent()), sent.at});
    if (!kept) return fail(kept.error(), "keep the mark of a sent run");
    return {};
}

Result<void> drop_mark(Transaction& tx, const RunId& run) {
    const auto dropped = tx.db.run("DELETE FROM sent_marks WHERE run = $1", {run});
    if (!dropped) return fail(dropped.error(), "drop the mark of a sent run");
    return {};
}

Result<void> forget_numbers_of_marks(Transaction& tx) {
    const auto done = tx.db.run("UPDATE sent_marks SET number = 0", {});
    if (!done) return fail(done.error(), "forget the batches of marks");
    return {};
}

Result<std::vector<SentRun>> kept_marks(Database& db) {
    std::vector<SentRun> marks;
    const auto read =
        db.query("SELECT run, list, number, at FROM sent_marks", {}, [&](const Row& row) {
            const Batch batch{.list = row.string(1), .number = row.integer(2)};
            marks.push_back(
                {.run = row.run_id(0), .batch = bare_batch(batch), .at = row.instant(3)});
        });
    if (!read) return fail(read.error(), "read the marks of sent runs");
    return marks;
}

}  // namespace cjv::store
