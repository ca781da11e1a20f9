#include "keeper.h"

#include <sqlite3.h>

#include <stdexcept>

namespace cjv::sim {

Keeper::Keeper(const std::string& uri) {
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
    if (sqlite3_open_v2(uri.c_str(), &db_, kFlags, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(db_));
}

Keeper::~Keeper() { sqlite3_close_v2(db_); }

std::vector<Keeper::Row> Keeper::rows(const std::string& sql,
                                      const std::vector<std::int64_t>& parameters) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(db_));
    for (std::size_t i = 0; i < parameters.size(); ++i)
        sqlite3_bind_int64(statement, int(i) + 1, parameters[i]);
    std::vector<Row> found;
    int code = 0;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        Row row;
        for (int i = 0; i < sqlite3_column_count(statement); ++i)
            row.push_back(sqlite3_column_int64(statement, i));
        found.push_back(std::move(row));
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
    return found;
}

std::int64_t Keeper::number(const std::string& sql, const std::vector<std::int64_t>& parameters,
                            std::int64_t none) {
    const auto found = rows("SELECT n, n IS NULL FROM (" + sql + ")", parameters);
    return found.empty() || found[0][1] ? none : found[0][0];
}

}  // namespace cjv::sim
