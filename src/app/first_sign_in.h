#pragma once
// A first start without people: makes `admin` with a one-time password, told on stdout and in a file that
// nobody else can read.

#include <optional>
#include <string>

#include "app/data_dir.h"
#include "base/clock.h"
#include "base/error.h"
#include "store/store.h"

namespace cjv::app {

// How long a one-time password may be used.
inline constexpr std::chrono::hours kOneTimeFor{24};

// The password, where there was nobody yet, or only an `admin` whose one-time password ran out unused; else
// nothing. Writes it to DATA/first-sign-in (0600).
Result<std::optional<std::string>> offer_first_sign_in(store::Store& store, const DataDir& data,
                                                       Instant now);
// Removes the file once the password has been used. Call after people have changed; does nothing when it is
// still of use.
void forget_first_sign_in(const store::Store& store, const DataDir& data);

}  // namespace cjv::app
