#pragma once
// Whether the database file is sound: asked at the first health check, then once a day, since it reads the whole
// file.

#include "base/clock.h"
#include "base/error.h"
#include "store/store.h"

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

namespace cjv::dispatch {

// For one thread at a time.
class FileCheck {
public:
    // What it found, as a sentence; empty: it was not time yet. An error when the file is damaged (the store then
    // writes no more), or cannot be read.
    Result<std::string> look(store::Store& store, const Clock& clock, const std::stop_token& stop) {
        const Steady now = clock.steady();
        if (looked_at_ && now - *looked_at_ < std::chrono::days{1}) return std::string();
        const auto said = store.quick_check(stop);
        if (!said) return fail(said.error(), "check the database file");
        looked_at_ = now;
        if (*said != "ok") return fail(Errc::corrupt, "the database file is damaged: " + *said);
        return std::string("The database file is sound.");
    }

private:
    std::optional<Steady> looked_at_;
};

}  // namespace cjv::dispatch
