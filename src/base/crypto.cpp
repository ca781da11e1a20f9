#include "base/crypto.h"

#include <sodium.h>
#include <cstdlib>

namespace cjv::crypto {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = 19 * 1024 * 1024;

// Once, from whichever thread comes first. Without randomness nothing here may go on.
void start() {
    static const bool started = sodium_init() >= 0;
    if (!started) std::abort();
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
    start();
    std::string hash(crypto_pwhash_STRBYTES, '\0');
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(Errc::unavailable, "hash password: out of memory");
    hash.resize(hash.find('\0'));
    return hash;
}

bool verify_password(std::string_view hash, std::string_view password) {
    start();
    // The library wants a text that ends with NUL.
    return crypto_pwhash_str_verify(std::string(hash).c_str(), password.data(), password.size()) ==
           0;
}

bool needs_rehash(std::string_view hash) {
    start();
    return crypto_pwhash_str_needs_rehash(std::string(hash).c_str(), kPasses, kMemoryBytes) != 0;
}

void random_bytes(std::span<std::uint8_t> out) {
    start();
    randombytes_buf(out.data(), out.size());
}

std::string random_text(std::size_t bytes) {
    std::string random(bytes, '\0');
    random_bytes({reinterpret_cast<std::uint8_t*>(random.data()), random.size()});
    constexpr int kForm = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_encoded_len(bytes, kForm), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes_of(random), bytes, kForm);
    text.pop_back();  // the NUL
    return text;
}

std::uint64_t short_hash(const ShortKey& key, std::string_view bytes) {
    static_assert(crypto_shorthash_KEYBYTES == sizeof(ShortKey));
    std::array<unsigned char, crypto_shorthash_BYTES> hash;
    crypto_shorthash(hash.data(), bytes_of(bytes), bytes.size(), key.data());
    std::uint64_t number = 0;  // little-endian, as SipHash's paper prints it
    for (std::size_t i = hash.size(); i-- > 0;) number = number << 8 | hash[i];
    return number;
}

Digest sha256(std::string_view bytes) {
    Digest digest;
    crypto_hash_sha256(digest.data(), bytes_of(bytes), bytes.size());
    return digest;
}

bool equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace cjv::crypto
