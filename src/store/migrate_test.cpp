#include "store/migrate.h"

#include <doctest/doctest.h>

#include "base/embedded.h"
#include "store/outbox.h"
#include "support/must.h"
#include "support/store.h"

namespace cjv {
std::span<const EmbeddedFile>
migrations_files();  // cmake/EmbedFiles.cmake; its header is for the library alone
}

namespace cjv::store {
namespace {

using support::must;

TEST_CASE("a database is migrated once") {
    Database db = must(Database::open(support::memory_path(), Access::writer));
    must(migrate(db, support::at("01:00")));
    must(db.run("INSERT INTO settings (key, value) VALUES ('mark', 1)"));

    must(migrate(db, support::at("02:00")));

    CHECK(must(db.find("SELECT count(*) FROM migrations", {},
                       [](const Row& row) { return row.integer(0); })) == schema_number());
    CHECK(must(db.find("SELECT value FROM settings WHERE key = 'mark'", {},
                       [](const Row& row) { return row.integer(0); })) == 1);
}

TEST_CASE("a schema from the future is refused") {
    Database db = must(Database::open(support::memory_path(), Access::writer));
    must(migrate(db, support::at("01:00")));
    must(
        db.run("INSERT INTO migrations WITH RECURSIVE later(number) AS "
               "(SELECT max(number) + 1 FROM migrations UNION ALL "
               "SELECT number + 1 FROM later WHERE number < 999) "
               "SELECT number, 'later.sql', 0 FROM later"));

    const auto migrated = migrate(db, support::at("02:00"));

    REQUIRE_FALSE(migrated);
    CHECK(migrated.error().what.find("schema 999") != std::string::npos);
}

TEST_CASE("a database of another program is left alone") {
    Database db = must(Database::open(support::memory_path(), Access::writer));
    must(db.script("CREATE TABLE theirs (x)"));

    CHECK_FALSE(migrate(db, support::at("01:00")));
    CHECK(must(db.find("SELECT count(*) FROM sqlite_schema", {},
                       [](const Row& row) { return row.integer(0); })) == 1);
}

// As a program left it that knew the migrations before `name`.
Database database_before(std::string_view name) {
    Database db = must(Database::open(support::memory_path(), Access::writer));
    must(
        db.script("PRAGMA application_id = 0x636a7631;"
                  "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
                  " applied_at INTEGER NOT NULL)"));
    for (std::int64_t number = 1; const EmbeddedFile& file : migrations_files()) {
        if (file.name == name) break;
        must(db.script(std::string(file.bytes)));
        must(db.run("INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, 0)",
                    {number++, file.name}));
    }
    return db;
}

TEST_CASE("output survives the move to rows of its own") {
    Database db = database_before("0007_output_rows.sql");
    must(
        db.script("INSERT INTO outputs (run, chunk, stream, at, offset, size, bytes) VALUES"
                  " (x'02', 1, 1, 70, 0, 3, x'0a'), (x'01', 2, 2, 60, 4, 5, x'0b'),"
                  " (x'01', 1, 1, 50, 0, 4, x'0c')"));

    must(migrate(db, support::at("02:00")));

    std::string rows;
    must(
        db.query("SELECT hex(run) || ' ' || chunk || ' ' || stream || ' ' || at || ' ' || offset "
                 "|| ' ' || size || ' ' || hex(bytes) FROM outputs ORDER BY run, chunk",
                 {}, [&](const Row& row) { rows += std::string(row.text(0)) + "\n"; }));
    CHECK(rows == "01 1 1 50 0 4 0C\n01 2 2 60 4 5 0B\n02 1 1 70 0 3 0A\n");
}

TEST_CASE("a batch of before the compression is sent as it was") {
    Database db = database_before("0011_packed_batches.sql");
    must(
        db.script("INSERT INTO batches (list, number, messages, count) VALUES ('celery', 7, "
                  "x'0102030405060708090a0b0c0d0e0f1000000003"
                  "1102030405060708090a0b0c0d0e0f10000000036f6e6574776f', 2)"));

    must(migrate(db, support::at("02:00")));

    const auto batches = must(open_batches(db));
    REQUIRE(batches.size() == 1);
    CHECK(batches[0]->list == "celery");
    CHECK(batches[0]->number == 7);
    REQUIRE(batches[0]->items.size() == 2);
    CHECK(batches[0]->message(batches[0]->items[0]) == "one");
    CHECK(batches[0]->message(batches[0]->items[1]) == "two");
    CHECK(batches[0]->items[1].run.bytes[0] == 0x11);
}

}  // namespace
}  // namespace cjv::store
