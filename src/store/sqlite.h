#pragma once
// One connection to the database: the only door to SQLite. Texts are SQL with parameters `$1`, `$2` … in
// order (PostgreSQL's form, rewritten when a statement is prepared). What the tables mean is their files'
// business, who may write is the writer's.

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cjv::store {

using Bytes = std::span<const std::uint8_t>;

// One parameter. It borrows texts and bytes: they have to live as long as the call.
class Param {
public:
    Param(std::nullptr_t) {}
    Param(std::nullopt_t) {}
    Param(std::integral auto number) : value_(static_cast<std::int64_t>(number)) {}
    Param(double number) : value_(number) {}
    Param(std::string_view text) : value_(text) {}
    Param(const char* text) : value_(std::string_view(text)) {}
    Param(const std::string& text) : value_(std::string_view(text)) {}
    Param(Bytes bytes) : value_(bytes) {}
    Param(const Uuid& id) : value_(Bytes(id.bytes)) {}
    Param(Instant at) : value_(micros(at)) {}
    template <class Tag>
    Param(Number<Tag> number) : value_(number.value) {}
    template <class T>
    Param(const std::optional<T>& maybe) {
        if (maybe) *this = Param(*maybe);
    }

    using Value = std::variant<std::monostate, std::int64_t, double, std::string_view, Bytes>;
    const Value& value() const { return value_; }
    bool operator==(const Param& other) const;  // compares what texts and bytes say

private:
    Value value_;
};
using Params = std::span<const Param>;

// The row on which a query stands. Columns count from 0; what a column does not hold reads as zero, empty
// or nothing. Texts and bytes are gone with the next row.
class Row {
public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    std::string_view text(int column) const;
    Bytes bytes(int column) const;

    bool boolean(int column) const { return integer(column) != 0; }
    std::uint64_t size(int column) const { return static_cast<std::uint64_t>(integer(column)); }
    std::string string(int column) const { return std::string(text(column)); }
    Instant instant(int column) const { return instant_from_micros(integer(column)); }
    std::optional<Instant> maybe_instant(int column) const;
    std::optional<std::int64_t> maybe_integer(int column) const;
    JobNumber job(int column) const { return JobNumber{integer(column)}; }
    UserNumber user(int column) const { return UserNumber{integer(column)}; }
    Uuid uuid(int column) const;
    RunId run_id(int column) const { return RunId(uuid(column)); }

private:
    sqlite3_stmt* statement_;
};

// `reader` cannot write, nor checkpoint, so that the writer alone touches the main file: SQLite before
// 3.51.3 can corrupt it when two connections checkpoint at once.
enum class Access : std::uint8_t { writer, reader };

// What a connection has seen of the file's state.
enum class Damage : std::uint8_t {
    none,
    unsure,  // an I/O error: what reached the disk is not known
    file,    // what is stored makes no sense, or is no database
};

// Not for several threads at once. Statements are prepared once and kept.
class Database {
public:
    // `path` is a file or a URI ("file:/name?vfs=memdb"). The writer creates the file, and changes none that is
    // there.
    static Result<Database> open(const std::string& path, Access access);
    // Writes go to a log beside the file from now on. Kept in the file, so it must be ours. Writer only.
    Result<void> use_write_ahead_log();

    // Runs one statement and returns how many rows it changed.
    Result<std::int64_t> run(std::string_view sql, Params params);
    Result<std::int64_t> run(std::string_view sql, std::initializer_list<Param> params = {}) {
        return run(sql, Params(params.begin(), params.size()));
    }
    // Calls `each` for every row. `each` must not use the database.
    using Each = std::function<void(const Row&)>;
    Result<void> query(std::string_view sql, Params params, const Each& each);
    Result<void> query(std::string_view sql, std::initializer_list<Param> params,
                       const Each& each) {
        return query(sql, Params(params.begin(), params.size()), each);
    }
    // What `read` makes of the first row; nothing when there is none.
    template <class Read>
    auto find(std::string_view sql, std::initializer_list<Param> params, Read read)
        -> Result<std::optional<std::invoke_result_t<Read, const Row&>>>;
    // Whether a commit returns when it is on disk (as at first), or when the system has it: a crash of the program
    // loses nothing then, a power cut may lose the last ones. Not inside a transaction.
    Result<void> sync_commits(bool on);
    // Writes what the open transaction has changed so far to the log, and that to the disk. Nobody sees it before
    // the commit, which has less to do then. Writer only.
    Result<void> flush();
    // Several statements without parameters.
    Result<void> script(const std::string& sql);

    std::int64_t last_number()
        const;                    // of the last row inserted into a table with a number of its own
    bool in_transaction() const;  // false also after an error that ended it

    // The first damage that was seen. From then on nothing should be written: the file is kept as it is, the log
    // is not even folded into it when the connection closes.
    Damage damage() const { return damage_; }
    bool damaged() const { return damage_ != Damage::none; }

    // Asked before each statement; true makes it fail as a full disk would. For tests.
    void break_when(std::function<bool()> broken) { broken_ = std::move(broken); }

    // Makes what runs end `unavailable`, soon. Any thread, while the connection is open.
    void interrupt();

    // Copies the log into the main file as far as no reader holds it back. Writer only.
    Result<void> checkpoint();
    // Pages in the write-ahead log after the last commit; 0 where there is none.
    int log_pages() const { return *log_pages_; }

    static std::string_view version();  // of the library

private:
    struct Close {
        void operator()(sqlite3* db) const;
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    struct Cache;
    struct DropCache {
        void operator()(Cache* cache) const;
    };

    Database() = default;
    Result<sqlite3_stmt*> prepare(std::string_view sql);
    Result<sqlite3_stmt*> bound(std::string_view sql, Params params);
    std::unexpected<Error> refusal(std::string_view doing);
    void note_damage(int code);

    std::unique_ptr<int> log_pages_ = std::make_unique<int>(0);
    std::unique_ptr<sqlite3, Close> db_;  // before the statements: they go first
    std::unique_ptr<Cache, DropCache> statements_;
    std::function<bool()> broken_;
    Damage damage_ = Damage::none;
};

// A transaction that is rolled back unless it was committed.
class Scope {
public:
    enum class Kind : std::uint8_t { write, read, savepoint };
    static Result<Scope> open(Database& db, Kind kind);
    ~Scope();
    Scope(Scope&& other) noexcept : db_(std::exchange(other.db_, nullptr)), kind_(other.kind_) {}
    Scope(const Scope&) = delete;
    Scope& operator=(Scope&&) = delete;

    Result<void> commit();

private:
    Scope(Database& db, Kind kind) : db_(&db), kind_(kind) {}
    Database* db_;
    Kind kind_;
};

template <class Read>
auto Database::find(std::string_view sql, std::initializer_list<Param> params, Read read)
    -> Result<std::optional<std::invoke_result_t<Read, const Row&>>> {
    std::optional<std::invoke_result_t<Read, const Row&>> found;
    const auto asked = query(sql, params, [&](const Row& row) {
        if (!found) found = read(row);
    });
    if (!asked) return std::unexpected(asked.error());
    return found;
}

}  // namespace cjv::store
