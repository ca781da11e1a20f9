#pragma once
// Users and their sessions: rows, and the copy in memory that every request is checked against. Who may do
// what is domain/rights' business, what a password looks like is web/auth's.

#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/user.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace cjv::store {

struct Transaction;
using SessionHash = std::array<std::uint8_t, 32>;

// Sessions that began by `created`, or were last used by `used`, are over.
struct SessionLimits {
    Instant created, used;
};

// In memory, as of the last commit. Any thread reads; the writer changes.
class People {
public:
    struct Person {
        domain::User user;
        std::string password;                        // Argon2id; empty: cannot sign in
        std::optional<Instant> one_time_until = {};  // of a one-time password
    };

    Result<void> load(Database& db);

    std::optional<Person> find(UserNumber number) const;
    std::optional<Person> find(std::string_view username) const;
    std::vector<domain::User> users() const;
    std::optional<SessionRow> find_session(const SessionHash& hash) const;

    void put(Person person);
    void put(const SessionRow& session);
    void remove_session(const SessionHash& hash);
    void remove_sessions(const SessionLimits& dead);
    void remove_sessions_of(UserNumber user, const std::optional<SessionHash>& but);
    void mark_used(const SessionHash& hash, Instant at);

private:
    struct Hash {  // a hash already: any eight of its bytes will do
        std::size_t operator()(const SessionHash& hash) const {
            std::size_t some = 0;
            std::memcpy(&some, hash.data(), sizeof some);
            return some;
        }
    };

    mutable std::shared_mutex mutex_;
    std::map<UserNumber, Person> people_;
    std::unordered_map<SessionHash, SessionRow, Hash> sessions_;
};

// Inside the writer's transaction.
Result<domain::User> create_user(Transaction& tx, domain::User user,
                                 const std::string& password_hash,
                                 std::optional<Instant> one_time_until);
Result<void> set_password(Transaction& tx, UserNumber user, const std::string& password_hash,
                          std::optional<Instant> one_time_until,
                          const std::optional<SessionHash>& keep);
// The same, and `stale` when `before` is not the hash of the user's password any more.
Result<void> change_password(Transaction& tx, UserNumber user, std::string_view before,
                             const std::string& after, const SessionHash& keep);
Result<void> rehash_password(Transaction& tx, UserNumber user, const std::string& before,
                             const std::string& after);
// `stale` when `password` is not the hash of the user's any more.
Result<void> create_session(Transaction& tx, const SessionRow& session, std::string_view password);
Result<void> delete_session(Transaction& tx, const SessionHash& hash);
Result<void> mark_session_used(Transaction& tx, const SessionHash& hash, Instant at);
// Removes their rows.
Result<void> remove_dead_sessions(Database& db, const SessionLimits& dead);
// The same, and from memory.
Result<void> remove_dead_sessions(Transaction& tx, const SessionLimits& dead);

}  // namespace cjv::store
