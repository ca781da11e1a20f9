#include "store/migrate.h"

#include <doctest/doctest.h>

#include "support/must.h"
#include "support/store.h"

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

}  // namespace
}  // namespace cjv::store
