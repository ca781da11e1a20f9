#include "store/parts.h"
#include "store/throttles.h"

namespace cjv::store {
namespace {

using namespace std::chrono_literals;

constexpr auto kSessionUse = 1min;  // a session's use is kept as exactly as that

}  // namespace

std::optional<domain::User> Store::find_user(UserNumber number) const {
    auto person = parts_->memory.people.find(number);
    return person ? std::optional(std::move(person->user)) : std::nullopt;
}
std::optional<domain::User> Store::find_user(std::string_view username) const {
    auto person = parts_->memory.people.find(username);
    return person ? std::optional(std::move(person->user)) : std::nullopt;
}
std::vector<domain::User> Store::users() const { return parts_->memory.people.users(); }
std::optional<std::string> Store::password_hash(UserNumber number) const {
    auto person = parts_->memory.people.find(number);
    if (!person || person->password.empty()) return std::nullopt;
    return std::move(person->password);
}
std::optional<Instant> Store::one_time_until(UserNumber number) const {
    const auto person = parts_->memory.people.find(number);
    return person ? person->one_time_until : std::nullopt;
}

Result<domain::User> Store::create_user(domain::User user, std::string password_hash, const Actor&,
                                        std::optional<Instant> one_time_until) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::create_user(tx, user, password_hash, one_time_until);
    });
}
Result<void> Store::set_password(UserNumber user, std::string password_hash,
                                 std::optional<Instant> one_time_until,
                                 const SessionHash* keep_session, const Actor&) {
    const auto keep = keep_session ? std::optional(*keep_session) : std::nullopt;
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::set_password(tx, user, password_hash, one_time_until, keep);
    });
}
Result<void> Store::change_password(UserNumber user, std::string before, std::string after,
                                    const SessionHash& keep_session, const Actor&) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::change_password(tx, user, before, after, keep_session);
    });
}
Result<void> Store::rehash_password(UserNumber user, std::string before, std::string after) {
    return parts_->write(Order::promise, [&](Transaction& tx) {
        return store::rehash_password(tx, user, before, after);
    });
}
Result<std::vector<ThrottleRow>> Store::throttles() {
    return parts_->readers->read(
        [&](Database& db) { return load_throttles(db, parts_->clock.now()); });
}
void Store::observe_throttle(const ThrottleRow& row) { parts_->writer->observe(row); }
Result<void> Store::create_session(const SessionRow& session, std::string password_hash) {
    return parts_->write(Order::promise, [&](Transaction& tx) -> Result<void> {
        auto removed = remove_dead_sessions(tx, parts_->dead_sessions(tx.now));
        if (!removed) return removed;
        return store::create_session(tx, session, password_hash);
    });
}
Result<void> Store::delete_session(const SessionHash& hash) {
    return parts_->write(Order::promise,
                         [&](Transaction& tx) { return store::delete_session(tx, hash); });
}
std::optional<SessionRow> Store::find_session(const SessionHash& hash) const {
    return parts_->memory.people.find_session(hash);
}
void Store::observe_session_used(const SessionHash& hash, Instant at) {
    const auto session = parts_->memory.people.find_session(hash);
    if (session && at - session->last_used_at >= kSessionUse)
        parts_->writer->observe(SessionUsed{hash, at});
}

}  // namespace cjv::store
