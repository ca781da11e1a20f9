#include "store/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/text_hash.h"

namespace cjv::store {
namespace {

constexpr int kBusyTimeoutMs = 5'000;
constexpr std::size_t kMostStatements = 200;  // texts made for a filter come in many shapes

// Full sync: what a caller was told is on disk. No memory map: a damaged page must be an error, not a signal.
// Of the connection alone: none of them changes the file.
constexpr auto kWriterSettings = R"sql(
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -8192;
    PRAGMA secure_delete = OFF;
    PRAGMA temp_store = MEMORY)sql";
constexpr auto kReaderSettings = R"sql(
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -2048;
    PRAGMA temp_store = MEMORY)sql";

// `$1` is a name to SQLite, numbered by its first use; `?1` is the first parameter.
std::string with_question_marks(std::string_view sql) {
    std::string text(sql);
    for (char& c : text)
        if (c == '$') c = '?';
    return text;
}

Errc code_of(int sqlite_code) {
    switch (sqlite_code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_NOMEM:
        case SQLITE_INTERRUPT: return Errc::unavailable;
        default: return Errc::corrupt;  // CORRUPT, NOTADB, or a statement of ours that is wrong
    }
}

Damage damage_of(int sqlite_code) {
    switch (sqlite_code) {
        // The index of the log, which is rebuilt: a full disk shows here, too.
        case SQLITE_IOERR_SHMOPEN:
        case SQLITE_IOERR_SHMSIZE:
        case SQLITE_IOERR_SHMMAP:
        case SQLITE_IOERR_SHMLOCK:
        case SQLITE_IOERR_NOMEM: return Damage::none;
        default: break;
    }
    switch (sqlite_code & 0xff) {
        case SQLITE_IOERR: return Damage::unsure;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return Damage::file;
        default: return Damage::none;
    }
}

void bind(sqlite3_stmt* statement, int at, const Param& param) {
    struct Bind {
        sqlite3_stmt* statement;
        int at;
        void operator()(std::monostate) const { sqlite3_bind_null(statement, at); }
        void operator()(std::int64_t number) const { sqlite3_bind_int64(statement, at, number); }
        void operator()(double number) const { sqlite3_bind_double(statement, at, number); }
        void operator()(std::string_view text) const {
            // A null pointer would bind NULL.
            sqlite3_bind_text64(statement, at, text.data() ? text.data() : "", text.size(),
                                SQLITE_STATIC, SQLITE_UTF8);
        }
        void operator()(Bytes bytes) const {
            static constexpr std::uint8_t nothing = 0;
            sqlite3_bind_blob64(statement, at, bytes.data() ? bytes.data() : &nothing, bytes.size(),
                                SQLITE_STATIC);
        }
    };
    std::visit(Bind{statement, at}, param.value());
}

// Readies a statement for its next use, whatever happened to this one.
class Reset {
public:
    explicit Reset(sqlite3_stmt* statement) : statement_(statement) {}
    ~Reset() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Reset(const Reset&) = delete;
    Reset& operator=(const Reset&) = delete;

private:
    sqlite3_stmt* statement_;
};

}  // namespace

bool Param::operator==(const Param& other) const {
    const auto* bytes = std::get_if<Bytes>(&value_);
    const auto* others = std::get_if<Bytes>(&other.value_);
    if (bytes && others) return std::ranges::equal(*bytes, *others);
    if (bytes || others || value_.index() != other.value_.index()) return false;
    return std::visit(
        [&]<class T>(const T& own) {
            if constexpr (std::same_as<T, Bytes>) {
                return false;
            } else {
                return own == std::get<T>(other.value_);
            }
        },
        value_);
}

// --- Row

bool Row::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_, column); }
std::string_view Row::text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return text ? std::string_view(
                      text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
                : std::string_view();
}
Bytes Row::bytes(int column) const {
    const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
std::optional<Instant> Row::maybe_instant(int column) const {
    if (is_null(column)) return std::nullopt;
    return instant(column);
}
std::optional<std::int64_t> Row::maybe_integer(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}
Uuid Row::uuid(int column) const {
    Uuid id;
    const Bytes stored = bytes(column);
    if (stored.size() == id.bytes.size())
        std::memcpy(id.bytes.data(), stored.data(), stored.size());
    return id;
}

// --- Database

struct Database::Cache {
    std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, TextHash,
                       std::equal_to<>>
        by_text;
};

void Database::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }
void Database::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::DropCache::operator()(Cache* cache) const { delete cache; }

Result<Database> Database::open(const std::string& path, Access access) {
    const int how = access == Access::writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                             : SQLITE_OPEN_READONLY;
    Database database;
    sqlite3* db = nullptr;
    const int opened =
        sqlite3_open_v2(path.c_str(), &db, how | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    database.db_.reset(db);
    database.statements_.reset(new Cache);
    if (opened != SQLITE_OK) return database.refusal("open " + path);

    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, kBusyTimeoutMs);
    const bool writer = access == Access::writer;
    if (!writer) sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    if (const auto set = database.script(writer ? kWriterSettings : kReaderSettings); !set)
        return fail(set.error(), "open " + path);

    if (writer)  // PRAGMA wal_autocheckpoint uses the same hook, so this comes after it
        sqlite3_wal_hook(
            db,
            [](void* pages, sqlite3*, const char*, int now) {
                *static_cast<int*>(pages) = now;
                return SQLITE_OK;
            },
            database.log_pages_.get());
    return database;
}

Result<void> Database::use_write_ahead_log() { return script("PRAGMA journal_mode = WAL"); }

Result<void> Database::sync_commits(bool on) {
    return script(on ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

void Database::interrupt() { sqlite3_interrupt(db_.get()); }

std::unexpected<Error> Database::refusal(std::string_view doing) {
    const int code = db_ ? sqlite3_extended_errcode(db_.get()) : SQLITE_NOMEM;
    const char* why = db_ ? sqlite3_errmsg(db_.get()) : "out of memory";
    Error error{code_of(code), why};
    note_damage(code);
    return fail(std::move(error), doing);
}

void Database::note_damage(int code) {
    if (damaged()) return;
    damage_ = damage_of(code);
    if (damaged()) sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Result<sqlite3_stmt*> Database::prepare(std::string_view sql) {
    auto& known = statements_->by_text;
    if (const auto found = known.find(sql); found != known.end()) return found->second.get();

    const std::string text = with_question_marks(sql);
    sqlite3_stmt* statement = nullptr;
    const int prepared = sqlite3_prepare_v3(db_.get(), text.data(), static_cast<int>(text.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (prepared != SQLITE_OK) return refusal("prepare " + text);
    if (known.size() >= kMostStatements) known.clear();
    known.emplace(std::string(sql), std::unique_ptr<sqlite3_stmt, Finalize>(statement));
    return statement;
}

Result<sqlite3_stmt*> Database::bound(std::string_view sql, Params params) {
    if (broken_ && broken_()) return fail(Errc::unavailable, "database or disk is full");
    const auto statement = prepare(sql);
    if (!statement) return statement;
    int at = 0;
    for (const Param& param : params) bind(*statement, ++at, param);
    return statement;
}

Result<std::int64_t> Database::run(std::string_view sql, Params params) {
    const auto statement = bound(sql, params);
    if (!statement) return std::unexpected(statement.error());
    const Reset reset(*statement);
    int stepped = sqlite3_step(*statement);
    while (stepped == SQLITE_ROW) stepped = sqlite3_step(*statement);
    if (stepped != SQLITE_DONE) return refusal("write");
    return sqlite3_changes64(db_.get());
}

Result<void> Database::query(std::string_view sql, Params params, const Each& each) {
    const auto statement = bound(sql, params);
    if (!statement) return std::unexpected(statement.error());
    const Reset reset(*statement);
    int stepped = sqlite3_step(*statement);
    for (; stepped == SQLITE_ROW; stepped = sqlite3_step(*statement)) each(Row(*statement));
    if (stepped != SQLITE_DONE) return refusal("read");
    return {};
}

Result<void> Database::script(const std::string& sql) {
    if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return refusal("run script");
    return {};
}

std::int64_t Database::last_number() const { return sqlite3_last_insert_rowid(db_.get()); }
bool Database::in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

Result<void> Database::flush() {
    if (broken_ && broken_()) return fail(Errc::unavailable, "database or disk is full");
    const int written = sqlite3_db_cacheflush(db_.get());
    if (written == SQLITE_BUSY) return {};  // a page is in use: the commit writes it
    if (written != SQLITE_OK) {             // which the connection does not keep as its error
        note_damage(written);
        return fail(Error{code_of(written), sqlite3_errstr(written)}, "flush");
    }
    sqlite3_file* log = nullptr;
    sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
    if (!log || !log->pMethods) return {};  // in memory
    const int synced = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
    if (synced == SQLITE_OK) return {};
    note_damage(synced);
    return fail(Errc::unavailable, "flush: the disk did not take the log");
}

Result<void> Database::checkpoint() {
    int left = 0, moved = 0;
    if (sqlite3_wal_checkpoint_v2(db_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &left, &moved) !=
        SQLITE_OK)
        return refusal("checkpoint");
    *log_pages_ = left > moved ? left - moved : 0;
    return {};
}

std::string_view Database::version() { return sqlite3_libversion(); }

// --- Scope

Result<Scope> Scope::open(Database& db, Kind kind) {
    const auto begun = db.run(kind == Kind::write  ? "BEGIN IMMEDIATE"
                              : kind == Kind::read ? "BEGIN"
                                                   : "SAVEPOINT one");
    if (!begun) return fail(begun.error(), "begin");
    return Scope(db, kind);
}

Result<void> Scope::commit() {
    const auto done = db_->run(kind_ == Kind::savepoint ? "RELEASE one" : "COMMIT");
    if (!done) return fail(done.error(), "commit");
    db_ = nullptr;
    return {};
}

Scope::~Scope() {
    if (!db_ || !db_->in_transaction()) return;  // an error such as a full disk ended it already
    (void)db_->script(kind_ == Kind::savepoint ? "ROLLBACK TO one; RELEASE one" : "ROLLBACK");
}

}  // namespace cjv::store
