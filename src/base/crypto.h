#pragma once
// Hashing and randomness: the only door to libsodium. Who may sign in, and when, is web/auth's
// business; what a token looks like is domain's.

#include "base/error.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cjv::crypto {

// Argon2id with 19 MiB and two passes, parameters and salt inside the text. Takes 17 to 90 ms by
// machine: never on an io thread. Fails only when there is no memory for it.
Result<std::string> hash_password(std::string_view password);
// False for a wrong password and for a text that is no such hash.
bool verify_password(std::string_view hash, std::string_view password);
// True when the hash was made with other parameters than today's.
bool needs_rehash(std::string_view hash);

// From the kernel; cannot fail once the program runs.
void random_bytes(std::span<std::uint8_t> out);
// `bytes` random bytes as base64url without padding: 32 give 43 letters.
std::string random_text(std::size_t bytes);

using ShortKey = std::array<std::uint8_t, 16>;
// SipHash-2-4: a check that nobody without the key can forge by guessing less than 2^64 times.
std::uint64_t short_hash(const ShortKey& key, std::string_view bytes);

using Digest = std::array<std::uint8_t, 32>;
Digest sha256(std::string_view bytes);

// Takes as long for equal texts as for texts that differ in the first byte. Lengths are no secret.
bool equal(std::string_view a, std::string_view b);

}  // namespace cjv::crypto
