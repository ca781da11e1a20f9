#include "app/first_sign_in.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/crypto.h"

namespace cjv::app {
namespace {

constexpr std::string_view kFile = "first-sign-in";
constexpr std::string_view kAdmin = "admin";

// On disk, or not there at all.
Result<void> write_secret(const std::string& path, const std::string& text) {
    unlink(path.c_str());
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return fail(Errc::unavailable, "cannot write " + path);
    const bool whole = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0;
    close(file);
    if (!whole) {
        unlink(path.c_str());
        return fail(Errc::unavailable, "cannot write " + path);
    }
    return {};
}

// Whether this is somebody who never got further than a one-time password that is over.
bool ran_out(const store::Store& store, const domain::User& user, Instant now) {
    const auto until = store.one_time_until(user.number);
    return user.must_change_password && until && *until < now;
}

}  // namespace

Result<std::optional<std::string>> offer_first_sign_in(store::Store& store, const DataDir& data,
                                                       Instant now) {
    const auto people = store.users();
    const bool nobody = people.empty();
    const bool only_expired =
        people.size() == 1 && people[0].username == kAdmin && ran_out(store, people[0], now);
    if (!nobody && !only_expired) return std::optional<std::string>{};

    const std::string password = crypto::random_text(16);  // 128 bits
    auto hash = crypto::hash_password(password);
    if (!hash) return fail(hash.error(), "hash the one-time password");
    // The file first, then the person and the limit in one promise: whatever is cut short in between, the
    // next start finds nobody, or only somebody whose password is over, and offers anew.
    if (const auto kept = write_secret(data.file(kFile), password + "\n"); !kept)
        return std::unexpected(kept.error());
    const Instant until = now + kOneTimeFor;
    if (nobody) {
        domain::User admin;
        admin.username = kAdmin;
        admin.is_staff = admin.is_superuser = true;
        const auto made = store.create_user(admin, std::move(*hash), {}, until);
        if (!made) return fail(made.error(), "create admin");
    } else {
        const auto set = store.set_password(people[0].number, std::move(*hash), until, nullptr, {});
        if (!set) return fail(set.error(), "set the one-time password");
    }
    return std::optional(password);
}

void forget_first_sign_in(const store::Store& store, const DataDir& data) {
    const auto admin = store.find_user(kAdmin);
    if (admin && admin->must_change_password) return;
    unlink(data.file(kFile).c_str());  // it may be gone already
}

}  // namespace cjv::app
