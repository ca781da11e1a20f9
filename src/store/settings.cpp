#include "store/settings.h"

#include <algorithm>

namespace cjv::store {
namespace {

constexpr auto kFind = "SELECT value FROM settings WHERE key = $1";
constexpr auto kInsert = "INSERT INTO settings (key, value) VALUES ($1, $2)";
constexpr auto kReplace = R"sql(
    INSERT INTO settings (key, value) VALUES ($1, $2)
    ON CONFLICT (key) DO UPDATE SET value = $2)sql";
constexpr auto kCount = R"sql(
    INSERT INTO settings (key, value) VALUES ('start_number', 1)
    ON CONFLICT (key) DO UPDATE SET value = value + 1)sql";

}  // namespace

Result<Uuid> installation_id(Database& db, const RandomBytes& random) {
    Uuid id;
    const auto found = db.find(kFind, {"installation_id"}, [&](const Row& row) {
        return row.bytes(0).size() == id.bytes.size() &&
               std::ranges::copy(row.bytes(0), id.bytes.begin()).out == id.bytes.end();
    });
    if (!found) return fail(found.error(), "read installation id");
    if (*found && !**found) return fail(Errc::corrupt, "the installation id is damaged");
    if (*found) return id;
    return new_installation_id(db, random);
}

Result<Uuid> new_installation_id(Database& db, const RandomBytes& random) {
    Uuid id;
    random(id.bytes);
    const auto kept = db.run(kReplace, {"installation_id", Bytes(id.bytes)});
    if (!kept) return fail(kept.error(), "keep installation id");
    return id;
}

Result<domain::InstallationKey> installation_key(Database& db, const RandomBytes& random) {
    domain::InstallationKey key{};
    const auto found = db.find(kFind, {"installation_key"}, [&](const Row& row) {
        return row.bytes(0).size() == key.size() &&
               std::ranges::copy(row.bytes(0), key.begin()).out == key.end();
    });
    if (!found) return fail(found.error(), "read installation key");
    if (*found && !**found) return fail(Errc::corrupt, "the installation key is damaged");
    if (*found) return key;

    random(key);
    const auto kept = db.run(kInsert, {"installation_key", Bytes(key)});
    if (!kept) return fail(kept.error(), "keep installation key");
    return key;
}

Result<std::int64_t> next_start_number(Database& db) {
    if (const auto counted = db.run(kCount); !counted) return fail(counted.error(), "count start");
    const auto number =
        db.find(kFind, {"start_number"}, [](const Row& row) { return row.integer(0); });
    if (!number) return fail(number.error(), "read start number");
    return number->value_or(0);
}

}  // namespace cjv::store
