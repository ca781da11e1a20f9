#pragma once
// Brings a database to the schema of this program: migrations/0001_….sql and so on, in order, each in a
// transaction of its own.

#include "base/clock.h"
#include "base/error.h"
#include "store/sqlite.h"

namespace cjv::store {

// How many migrations the program knows: the schema it reads and writes.
std::int64_t schema_number();

// The schema that a database has: 0 where it is empty. Refuses one from the future, and a file that is not ours.
// Changes nothing.
Result<std::int64_t> schema_of(Database& db);

// Brings the database to this program's schema. What schema_of() refuses is left as it is, to the byte.
Result<void> migrate(Database& db, Instant now);

}  // namespace cjv::store
