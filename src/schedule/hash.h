#pragma once
// `H`: where in a range a job stands, by its key alone. The numbers are part of the format: a job
// keeps its place across versions and servers.

#include <cstdint>
#include <string_view>

namespace cjv::schedule {

// FNV-1a, 64 bits, of the key, then the finalizer of splitmix64 over the field's own place in it.
constexpr std::uint64_t hash_of(std::string_view key, unsigned field) {
    std::uint64_t h = 0xCBF2'9CE4'8422'2325;
    for (const char c : key) h = (h ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01B3;
    std::uint64_t x = h + (field + 1) * 0x9E37'79B9'7F4A'7C15;
    x = (x ^ x >> 30) * 0xBF58'476D'1CE4'E5B9;
    x = (x ^ x >> 27) * 0x94D0'49BB'1331'11EB;
    return x ^ x >> 31;
}

static_assert(hash_of("backup", 1) == 16'566'838'417'645'889'307U);

}  // namespace cjv::schedule
