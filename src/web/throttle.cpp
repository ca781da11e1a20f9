#include "web/throttle.h"

#include "base/crypto.h"

#include <algorithm>

namespace cjv::web {
namespace {

using namespace std::chrono;

constexpr int kFreeFailures = 5;
constexpr seconds kLongestWait{900};
constexpr days kRemembered{1};  // as long as the store keeps them
constexpr std::size_t kTriesAMinute = 20;
constexpr std::size_t kMostRemembered = 10'000;  // about 1 MB

seconds wait_after(int failures) {
    if (failures < kFreeFailures) return seconds{0};
    const int doublings = std::min(failures - kFreeFailures, 10);
    return std::min(seconds{1 << doublings}, kLongestWait);
}

// Only hashed, in memory as on disk: what is typed into the field of a name may be a password.
crypto::Digest key_of(std::string_view account, std::string_view address) {
    std::string key = network_of(address);
    key += ' ';
    key += account.substr(0, 200);
    return crypto::sha256(key);
}

seconds until(Steady then, Steady now) { return ceil<seconds>(then - now); }

}  // namespace

std::optional<seconds> Throttle::before_try(std::string_view account, std::string_view address,
                                            Steady now) {
    const std::scoped_lock lock(mutex_);
    forget_old(now);
    const auto known = failures_.find(key_of(account, address));
    if (known != failures_.end() && known->second.next > now) return until(known->second.next, now);

    auto& tries = tries_[network_of(address)];
    while (!tries.empty() && tries.front() + minutes{1} <= now) tries.pop_front();
    if (tries.size() >= kTriesAMinute) return until(tries.front() + minutes{1}, now);
    tries.push_back(now);
    return std::nullopt;
}

store::ThrottleRow Throttle::failed(std::string_view account, std::string_view address, Steady now,
                                    Instant wall) {
    const Key key = key_of(account, address);
    const std::scoped_lock lock(mutex_);
    auto& failures = failures_[key];
    if (failures.next + kRemembered < now) failures = {};
    ++failures.count;
    const seconds wait = wait_after(failures.count);
    failures.next = now + wait;
    return {.key = key, .failures = failures.count, .next = wall + wait};
}

std::optional<store::ThrottleRow> Throttle::succeeded(std::string_view account,
                                                      std::string_view address) {
    const Key key = key_of(account, address);
    const std::scoped_lock lock(mutex_);
    if (failures_.erase(key) == 0) return std::nullopt;
    return store::ThrottleRow{.key = key};
}

void Throttle::restore(std::span<const store::ThrottleRow> rows, Steady now, Instant wall) {
    const std::scoped_lock lock(mutex_);
    for (const store::ThrottleRow& row : rows)
        failures_[row.key] = {.count = int(std::clamp<std::int64_t>(row.failures, 0, 1'000)),
                              .next = now + std::min<microseconds>(row.next - wall, kLongestWait)};
}

void Throttle::forget_old(Steady now) {
    if (tries_.size() > kMostRemembered)
        std::erase_if(tries_, [&](const auto& entry) {
            return entry.second.empty() || entry.second.back() + minutes{1} <= now;
        });
    if (failures_.size() > kMostRemembered)
        std::erase_if(failures_,
                      [&](const auto& entry) { return entry.second.next + kLongestWait <= now; });
}

std::string network_of(std::string_view address) {
    const bool v6 = address.find(':') != address.npos;
    const char separator = v6 ? ':' : '.';
    std::size_t end = 0;
    for (int parts = v6 ? 4 : 3; parts > 0; --parts) {
        end = address.find(separator, end);
        if (end == address.npos) return std::string(address);
        ++end;
    }
    return std::string(address.substr(0, end));
}

}  // namespace cjv::web
