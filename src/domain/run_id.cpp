#include "domain/run_id.h"

#include "base/crypto.h"

#include <algorithm>
#include <string_view>

namespace cjv::domain {
namespace {

constexpr std::uint32_t kLowMask = (1U << 30) - 1;
constexpr std::int64_t kLastMillis = (std::int64_t{1} << 48) - 1;

template <std::size_t N>
void put_number(std::uint8_t* out, std::uint64_t number) {
    for (std::size_t i = N; i-- > 0; number >>= 8) out[i] = std::uint8_t(number);
}

template <std::size_t N>
std::uint64_t get_number(const std::uint8_t* in) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < N; ++i) number = number << 8 | in[i];
    return number;
}

std::int64_t millis(Instant at) {
    return std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

RunId encode(std::int64_t at_millis, IdKind kind, int attempt, std::int64_t job,
             std::uint32_t low) {
    RunId id;
    put_number<6>(id.bytes.data(),
                  std::uint64_t(std::clamp<std::int64_t>(at_millis, 0, kLastMillis)));
    id.bytes[6] = std::uint8_t(0x80U | unsigned(kind));
    id.bytes[7] = std::uint8_t(attempt - 1);
    put_number<8>(id.bytes.data() + 8, std::uint64_t{2} << 62 |
                                           (std::uint64_t(job) & 0xFFFF'FFFFU) << 30 |
                                           (low & kLowMask));
    return id;
}

// A function of what the id says, so that an id made up by somebody else is seen to be one.
std::uint32_t check_bits(const InstallationKey& key, JobNumber job, std::int64_t slot_millis) {
    std::array<std::uint8_t, 16> said{};
    put_number<8>(said.data(), std::uint64_t(slot_millis));
    put_number<8>(said.data() + 8, std::uint64_t(job.value));
    return std::uint32_t(
               crypto::short_hash(key, {reinterpret_cast<const char*>(said.data()), said.size()})) &
           kLowMask;
}

}  // namespace

RunId slot_run_id(const InstallationKey& key, JobNumber job, Instant slot) {
    const std::int64_t at = millis(slot);
    return encode(at, IdKind::slot, 1, job.value, check_bits(key, job, at));
}

RunId asked_run_id(JobNumber job, Instant at, std::uint32_t counter) {
    return encode(millis(at), IdKind::asked, 1, job.value, counter);
}

RunId observed_run_id(Instant at, std::uint32_t counter) {
    return encode(millis(at), IdKind::observed, 1, 0, counter);
}

std::optional<RunIdParts> decode(const Uuid& id) {
    const unsigned kind = id.bytes[6] & 15U;
    if (id.bytes[6] >> 4 != 8 || id.bytes[8] >> 6 != 2 || kind > unsigned(IdKind::observed))
        return std::nullopt;
    const std::uint64_t rest = get_number<8>(id.bytes.data() + 8);
    return RunIdParts{.at = Instant{std::chrono::milliseconds{get_number<6>(id.bytes.data())}},
                      .kind = static_cast<IdKind>(kind),
                      .attempt = id.bytes[7] + 1,
                      .job = {std::int64_t(rest >> 30 & 0xFFFF'FFFFU)},
                      .low = std::uint32_t(rest) & kLowMask};
}

bool is_genuine_slot(const InstallationKey& key, const Uuid& id) {
    const auto parts = decode(id);
    return parts && parts->kind == IdKind::slot &&
           parts->low == check_bits(key, parts->job, millis(parts->at));
}

RunId with_attempt(const RunId& id, int attempt) {
    RunId other = id;
    other.bytes[7] = std::uint8_t(attempt - 1);
    return other;
}

RunId lowest_id_at(Instant at) { return encode(millis(at), IdKind::slot, 1, 0, 0); }

}  // namespace cjv::domain
