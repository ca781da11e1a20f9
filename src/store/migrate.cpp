#include "store/migrate.h"

#include "embedded/migrations.h"

#include <fmt/format.h>

namespace cjv::store {
namespace {

constexpr std::int64_t kOurs = 0x636a7631;  // "cjv1", in the header of the file

constexpr auto kCreateTable = R"sql(
    CREATE TABLE IF NOT EXISTS migrations (
        number     INTEGER PRIMARY KEY,
        name       TEXT NOT NULL,
        applied_at INTEGER NOT NULL))sql";

Result<std::int64_t> number(Database& db, std::string_view sql) {
    const auto found = db.find(sql, {}, [](const Row& row) { return row.integer(0); });
    if (!found) return std::unexpected(found.error());
    return found->value_or(0);
}

Result<void> refuse_foreign(Database& db) {
    const auto mark = number(db, "PRAGMA application_id");
    if (!mark) return std::unexpected(mark.error());
    const auto tables = number(db, "SELECT count(*) FROM sqlite_schema");
    if (!tables) return std::unexpected(tables.error());
    if (*mark != kOurs && *tables != 0)
        return fail(Errc::bad_input,
                    "this file is a database of another program; name another file, or none");
    return {};
}

Result<void> apply(Database& db, std::int64_t step, const EmbeddedFile& file, Instant now) {
    auto scope = Scope::open(db, Scope::Kind::write);
    if (!scope) return std::unexpected(scope.error());
    if (auto done = db.script(fmt::format("PRAGMA application_id = {}; {};", kOurs, kCreateTable));
        !done)
        return done;
    if (auto done = db.script(std::string(file.bytes)); !done) return done;
    const auto noted =
        db.run("INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, $3)",
               {step, file.name, now});
    if (!noted) return std::unexpected(noted.error());
    return scope->commit();
}

}  // namespace

std::int64_t schema_number() { return static_cast<std::int64_t>(migrations_files().size()); }

Result<std::int64_t> schema_of(Database& db) {
    if (const auto ours = refuse_foreign(db); !ours) return std::unexpected(ours.error());
    auto tables = number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'migrations'");
    if (!tables) return tables;
    auto applied =
        *tables == 0 ? Result<std::int64_t>(0) : number(db, "SELECT max(number) FROM migrations");
    if (applied && *applied == 0) {
        // The first migration makes all its tables or none.
        auto others = number(
            db,
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('jobs', 'runs')");
        if (!others) return others;
        if (*others != 0) return fail(Errc::corrupt, "the list of its migrations is damaged");
    }
    // They are applied one after the other, so that a number alone says nothing of a newer program.
    auto rows =
        *tables == 0 ? Result<std::int64_t>(0) : number(db, "SELECT count(*) FROM migrations");
    if (!rows) return rows;
    if (applied && *applied != *rows)
        return fail(Errc::corrupt, "the list of its migrations is damaged");
    if (applied && *applied > schema_number())
        return fail(
            Errc::bad_input,
            fmt::format(
                "the database has schema {} and this program knows {}: it was used by a newer "
                "one; install that, or restore a back-up from before",
                *applied, schema_number()));
    return applied;
}

Result<void> migrate(Database& db, Instant now) {
    // Not a byte of a file that is not ours, or not yet, is changed.
    const auto applied = schema_of(db);
    if (!applied) return std::unexpected(applied.error());
    if (auto logged = db.use_write_ahead_log(); !logged) return logged;

    const auto files = migrations_files();
    for (std::int64_t step = *applied + 1; step <= schema_number(); ++step) {
        const EmbeddedFile& file = files[static_cast<std::size_t>(step - 1)];
        if (const auto done = apply(db, step, file, now); !done)
            return fail(done.error(), fmt::format("migration {}", file.name));
    }
    return {};
}

}  // namespace cjv::store
