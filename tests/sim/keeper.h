#pragma once
// A second connection to a database in memory: it outlives crashes, and reads what is stored without
// our own store's help.

#include <cstdint>
#include <string>
#include <vector>

struct sqlite3;

namespace cjv::sim {

class Keeper {
public:
    explicit Keeper(const std::string& uri);
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    // All columns as numbers; what is no number reads as 0. Parameters are ?1, ?2 …
    using Row = std::vector<std::int64_t>;
    std::vector<Row> rows(const std::string& sql, const std::vector<std::int64_t>& parameters = {});
    // The first column of the first row; `none` when there is none, or NULL.
    std::int64_t number(const std::string& sql, const std::vector<std::int64_t>& parameters,
                        std::int64_t none);

private:
    sqlite3* db_ = nullptr;
};

}  // namespace cjv::sim
