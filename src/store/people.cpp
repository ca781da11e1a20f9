#include "store/people.h"

#include "store/draft.h"

#include <algorithm>

namespace cjv::store {
namespace {

using domain::User;

constexpr auto kLoadUsers = R"sql(
    SELECT number, username, first_name, last_name, email, is_active, is_staff, is_superuser,
           created_at, password, one_time_until
    FROM users ORDER BY number)sql";
constexpr auto kLoadSessions = R"sql(
    SELECT hash, user, csrf, created_at, last_used_at FROM sessions)sql";
constexpr auto kInsertUser = R"sql(
    INSERT INTO users (username, first_name, last_name, email, is_active, is_staff, is_superuser,
                       created_at, password, one_time_until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))sql";
constexpr auto kFindName = "SELECT number FROM users WHERE username = $1";
constexpr auto kSetPassword = R"sql(
    UPDATE users SET password = $2, one_time_until = $3 WHERE number = $1)sql";
constexpr auto kRehash = "UPDATE users SET password = $3 WHERE number = $1 AND password = $2";
constexpr auto kInsertSession = R"sql(
    INSERT INTO sessions (hash, user, csrf, created_at, last_used_at) VALUES ($1, $2, $3, $4, $5))sql";
constexpr auto kDeleteSession = "DELETE FROM sessions WHERE hash = $1";
constexpr auto kDeleteSessionsOf = "DELETE FROM sessions WHERE user = $1 AND hash IS NOT $2";
constexpr auto kMarkUsed = "UPDATE sessions SET last_used_at = $2 WHERE hash = $1";
constexpr auto kDeleteDead = "DELETE FROM sessions WHERE created_at <= $1 OR last_used_at <= $2";
constexpr auto kIsPassword = "SELECT 1 FROM users WHERE number = $1 AND password = $2";

SessionHash hash_at(const Row& row, int column) {
    SessionHash hash{};
    const Bytes stored = row.bytes(column);
    std::copy_n(stored.begin(), std::min(stored.size(), hash.size()), hash.begin());
    return hash;
}

People::Person read_person(const Row& row) {
    People::Person person;
    person.user = {.number = row.user(0),
                   .username = row.string(1),
                   .first_name = row.string(2),
                   .last_name = row.string(3),
                   .email = row.string(4),
                   .is_active = row.boolean(5),
                   .is_staff = row.boolean(6),
                   .is_superuser = row.boolean(7),
                   .must_change_password = !row.is_null(10),
                   .created_at = row.instant(8)};
    person.password = row.string(9);
    person.one_time_until = row.maybe_instant(10);
    return person;
}

Result<void> done(const Result<std::int64_t>& written, std::string_view doing) {
    if (!written) return fail(written.error(), doing);
    return {};
}

// Neighbours in the transaction are not in memory yet, so the row is asked.
Result<void> expect_password(Database& db, UserNumber user, std::string_view hash) {
    const auto same =
        db.find(kIsPassword, {user, hash}, [](const Row& row) { return row.integer(0); });
    if (!same) return fail(same.error(), "compare password");
    if (!*same) return fail(Errc::stale, "the password was changed meanwhile");
    return {};
}

}  // namespace

// --- in memory

Result<void> People::load(Database& db) {
    const std::unique_lock lock(mutex_);
    auto read = db.query(kLoadUsers, {}, [&](const Row& row) {
        Person person = read_person(row);
        people_[person.user.number] = std::move(person);
    });
    if (!read) return fail(read.error(), "load users");
    read = db.query(kLoadSessions, {}, [&](const Row& row) {
        const SessionHash hash = hash_at(row, 0);
        sessions_[hash] = {hash, row.user(1), row.string(2), row.instant(3), row.instant(4)};
    });
    if (!read) return fail(read.error(), "load sessions");
    return {};
}

std::optional<People::Person> People::find(UserNumber number) const {
    const std::shared_lock lock(mutex_);
    const auto found = people_.find(number);
    return found == people_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<People::Person> People::find(std::string_view username) const {
    const std::shared_lock lock(mutex_);
    const auto found = std::ranges::find_if(
        people_, [&](const auto& known) { return known.second.user.username == username; });
    return found == people_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<User> People::users() const {
    const std::shared_lock lock(mutex_);
    std::vector<User> users;
    users.reserve(people_.size());
    for (const auto& [number, person] : people_) users.push_back(person.user);
    return users;
}

std::optional<SessionRow> People::find_session(const SessionHash& hash) const {
    const std::shared_lock lock(mutex_);
    const auto found = sessions_.find(hash);
    return found == sessions_.end() ? std::nullopt : std::optional(found->second);
}

void People::put(Person person) {
    const std::unique_lock lock(mutex_);
    const UserNumber number = person.user.number;
    people_[number] = std::move(person);
}

void People::put(const SessionRow& session) {
    const std::unique_lock lock(mutex_);
    sessions_[session.hash] = session;
}

void People::remove_session(const SessionHash& hash) {
    const std::unique_lock lock(mutex_);
    sessions_.erase(hash);
}

void People::remove_sessions_of(UserNumber user, const std::optional<SessionHash>& but) {
    const std::unique_lock lock(mutex_);
    std::erase_if(sessions_, [&](const auto& known) {
        return known.second.user == user && known.first != but;
    });
}

void People::remove_sessions(const SessionLimits& dead) {
    const std::unique_lock lock(mutex_);
    std::erase_if(sessions_, [&](const auto& known) {
        return known.second.created_at <= dead.created || known.second.last_used_at <= dead.used;
    });
}

void People::mark_used(const SessionHash& hash, Instant at) {
    const std::unique_lock lock(mutex_);
    if (const auto found = sessions_.find(hash); found != sessions_.end())
        found->second.last_used_at = std::max(found->second.last_used_at, at);
}

// --- in the writer's transaction

Result<User> create_user(Transaction& tx, User user, const std::string& password_hash,
                         std::optional<Instant> one_time_until) {
    const auto taken =
        tx.db.find(kFindName, {user.username}, [](const Row& row) { return row.integer(0); });
    if (!taken) return std::unexpected(taken.error());
    if (*taken) return refuse("username", "unique", "A user with that username already exists.");

    user.created_at = tx.now;
    // A first password that must be changed has no limit of its own unless one is given.
    if (user.must_change_password && !one_time_until) one_time_until = Instant::max();
    user.must_change_password = one_time_until.has_value();
    const auto inserted =
        tx.db.run(kInsertUser, {user.username, user.first_name, user.last_name, user.email,
                                user.is_active, user.is_staff, user.is_superuser, user.created_at,
                                password_hash, one_time_until});
    if (!inserted) return fail(inserted.error(), "insert user");
    user.number = UserNumber{tx.db.last_number()};

    tx.draft.people.push_back([person = People::Person{user, password_hash, one_time_until}](
                                  People& people) { people.put(person); });
    return user;
}

Result<void> set_password(Transaction& tx, UserNumber user, const std::string& password_hash,
                          std::optional<Instant> one_time_until,
                          const std::optional<SessionHash>& keep) {
    const auto changed = tx.db.run(kSetPassword, {user, password_hash, one_time_until});
    if (!changed) return fail(changed.error(), "set password");
    if (*changed == 0) return fail(Errc::not_found, "there is no such user");
    const auto ended =
        tx.db.run(kDeleteSessionsOf, {user, keep ? Param(Bytes(*keep)) : Param(nullptr)});
    if (!ended) return fail(ended.error(), "end sessions");

    tx.draft.people.push_back([=](People& people) {
        if (auto person = people.find(user)) {
            person->password = password_hash;
            person->one_time_until = one_time_until;
            person->user.must_change_password = one_time_until.has_value();
            people.put(*std::move(person));
        }
        people.remove_sessions_of(user, keep);
    });
    return {};
}

Result<void> change_password(Transaction& tx, UserNumber user, std::string_view before,
                             const std::string& after, const SessionHash& keep) {
    if (const auto same = expect_password(tx.db, user, before); !same) return same;
    return set_password(tx, user, after, std::nullopt, keep);
}

Result<void> rehash_password(Transaction& tx, UserNumber user, const std::string& before,
                             const std::string& after) {
    const auto changed = tx.db.run(kRehash, {user, before, after});
    if (!changed) return fail(changed.error(), "rehash password");
    if (*changed == 0) return {};
    tx.draft.people.push_back([=](People& people) {
        if (auto person = people.find(user)) {
            person->password = after;
            people.put(*std::move(person));
        }
    });
    return {};
}

Result<void> create_session(Transaction& tx, const SessionRow& session, std::string_view password) {
    if (const auto same = expect_password(tx.db, session.user, password); !same) return same;
    tx.draft.people.push_back([=](People& people) { people.put(session); });
    return done(tx.db.run(kInsertSession, {Bytes(session.hash), session.user, session.csrf,
                                           session.created_at, session.last_used_at}),
                "insert session");
}

Result<void> delete_session(Transaction& tx, const SessionHash& hash) {
    tx.draft.people.push_back([=](People& people) { people.remove_session(hash); });
    return done(tx.db.run(kDeleteSession, {Bytes(hash)}), "delete session");
}

Result<void> remove_dead_sessions(Transaction& tx, const SessionLimits& dead) {
    tx.draft.people.push_back([=](People& people) { people.remove_sessions(dead); });
    return remove_dead_sessions(tx.db, dead);
}

Result<void> mark_session_used(Transaction& tx, const SessionHash& hash, Instant at) {
    tx.draft.people.push_back([=](People& people) { people.mark_used(hash, at); });
    return done(tx.db.run(kMarkUsed, {Bytes(hash), at}), "mark session");
}

Result<void> remove_dead_sessions(Database& db, const SessionLimits& dead) {
    return done(db.run(kDeleteDead, {dead.created, dead.used}), "remove dead sessions");
}

}  // namespace cjv::store
