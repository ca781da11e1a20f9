#include "store/sqlite.h"

#include <doctest/doctest.h>

#include "support/must.h"
#include "support/store.h"

namespace cjv::store {
namespace {

using support::must;

Database a_database() {
    Database db = must(Database::open(support::memory_path(), Access::writer));
    must(db.script("CREATE TABLE t (key PRIMARY KEY, value)"));
    return db;
}

std::int64_t count(Database& db) {
    return must(
               db.find("SELECT count(*) FROM t", {}, [](const Row& row) { return row.integer(0); }))
        .value();
}

TEST_CASE("what goes in as a parameter comes out of the row") {
    Database db = a_database();
    const Uuid id{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255}};
    must(db.run("INSERT INTO t (key, value) VALUES ($2, $1)", {"a\0b", id}));
    must(db.run("INSERT INTO t (key, value) VALUES ($1, $2)", {1, std::optional<Instant>()}));
    must(db.run("INSERT INTO t (key, value) VALUES ($1, $2)", {2, instant_from_micros(7)}));

    CHECK(must(db.find("SELECT key FROM t WHERE value = $1", {"a"},
                       [](const Row& row) { return row.uuid(0); })) == id);
    CHECK(must(db.find("SELECT value FROM t WHERE key = 1", {},
                       [](const Row& row) { return row.is_null(0); })) == true);
    CHECK(must(db.find("SELECT value FROM t WHERE key = 2", {},
                       [](const Row& row) { return row.instant(0); })) == instant_from_micros(7));
}

TEST_CASE("parameters are equal when they say the same") {
    const std::string a = "text", b = "text";
    CHECK(Param(a) == Param(b));
    CHECK(Param(a) != Param("other"));
    CHECK(Param(1) != Param("1"));
    CHECK(Param(Uuid{}) == Param(Uuid{}));
    CHECK(Param(std::nullopt) == Param(std::optional<Instant>()));
}

TEST_CASE("a scope that was not committed leaves nothing behind") {
    Database db = a_database();
    {
        const Scope scope = must(Scope::open(db, Scope::Kind::write));
        must(db.run("INSERT INTO t VALUES (1, 1)"));
    }
    CHECK(count(db) == 0);
}

TEST_CASE("a savepoint takes back its own part alone") {
    Database db = a_database();
    Scope scope = must(Scope::open(db, Scope::Kind::write));
    must(db.run("INSERT INTO t VALUES (1, 1)"));
    {
        const Scope savepoint = must(Scope::open(db, Scope::Kind::savepoint));
        must(db.run("INSERT INTO t VALUES (2, 2)"));
    }
    must(scope.commit());
    CHECK(count(db) == 1);
}

TEST_CASE("a reader cannot write") {
    const std::string path = support::memory_path();
    Database writer = must(Database::open(path, Access::writer));
    must(writer.script("CREATE TABLE t (key)"));
    Database reader = must(Database::open(path, Access::reader));

    const auto written = reader.run("INSERT INTO t VALUES (1)");

    REQUIRE_FALSE(written);
    CHECK(written.error().code == Errc::unavailable);
}

TEST_CASE("a statement of ours that is wrong says so and leaves the connection usable") {
    Database db = a_database();
    CHECK(db.run("INSERT INTO nothing VALUES (1)").error().code == Errc::corrupt);
    must(db.run("INSERT INTO t VALUES (1, 1)"));
    CHECK(db.run("INSERT INTO t VALUES ($1, 1)", {1}).error().code == Errc::corrupt);
    CHECK(db.run("INSERT INTO t VALUES ($1, 1)", {2}));
    CHECK_FALSE(db.damaged());
}

TEST_CASE("a file that cannot be opened is away, and nothing is damaged") {
    const auto away = Database::open("/nowhere/at/all.db", Access::writer);
    REQUIRE_FALSE(away);
    CHECK(away.error().code == Errc::unavailable);
}

}  // namespace
}  // namespace cjv::store
