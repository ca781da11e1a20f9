#include "web/throttle.h"

#include "base/crypto.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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
crypto::Digest key_in(std::string_view network, std::string_view account) {
    std::string key(network);
    key += ' ';
    key += account.substr(0, 200);
    return crypto::sha256(key);
}

crypto::Digest key_of(std::string_view account, std::string_view address) {
    return key_in(network_of(address), account);
}

constexpr std::size_t kV6Bytes = 16, kV6Network = 8;

// "10.1.2." of the last four bytes.
std::string v4_network(const std::uint8_t* bytes) {
    std::string text;
    for (int i = 0; i < 3; ++i) text += std::to_string(bytes[i]) + ".";
    return text;
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
    failures.network = network_of(address);
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

std::vector<store::ThrottleRow> Throttle::forget(std::string_view account) {
    std::vector<store::ThrottleRow> forgotten;
    const std::scoped_lock lock(mutex_);
    std::erase_if(failures_, [&](const auto& entry) {
        if (entry.first != key_in(entry.second.network, account)) return false;
        forgotten.push_back({.key = entry.first});
        return true;
    });
    return forgotten;
}

void Throttle::restore(std::span<const store::ThrottleRow> rows, Steady now, Instant wall) {
    const std::scoped_lock lock(mutex_);
    for (const store::ThrottleRow& row : rows)
        failures_[row.key] = {.network = {},
                              .count = int(std::clamp<std::int64_t>(row.failures, 0, 1'000)),
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
    const std::string text(address.substr(0, address.find('%')));  // without the interface
    std::uint8_t bytes[kV6Bytes];
    if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return v4_network(bytes);
    if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return std::string(address);
    constexpr std::uint8_t kMapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(std::begin(kMapped), std::end(kMapped), bytes))
        return v4_network(bytes + sizeof kMapped);
    std::string network;
    for (std::size_t i = 0; i < kV6Network; i += 2)
        fmt::format_to(std::back_inserter(network), "{:x}:", bytes[i] << 8 | bytes[i + 1]);
    return network;
}

}  // namespace cjv::web
