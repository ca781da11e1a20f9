#pragma once
// Tells of most texts that were never added that they were not, in one look at memory. Four megabytes from the first
// text on: of a million texts it mistakes one in a thousand others for one of them, of ten millions one in four.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace cjv::store {

class BloomFilter {
public:
    void add(std::string_view text) {
        if (lines_.empty()) lines_.resize(kLines);
        const std::size_t hash = hash_of(text);
        Line& line = lines_[hash % kLines];
        for (const int shift : kShifts) line[word(hash, shift)] |= bit(hash, shift);
    }
    // False: it was not added.
    bool may_have(std::string_view text) const {
        if (lines_.empty()) return false;
        const std::size_t hash = hash_of(text);
        const Line& line = lines_[hash % kLines];
        for (const int shift : kShifts)
            if ((line[word(hash, shift)] & bit(hash, shift)) == 0) return false;
        return true;
    }

private:
    static constexpr std::size_t kLines = 1 << 16;
    // Three bits of one line of the processor's cache; the line takes the lowest 16 bits of the hash.
    static constexpr int kShifts[] = {16, 25, 34};
    using Line = std::array<std::uint64_t, 8>;

    static std::size_t hash_of(std::string_view text) {
        return std::hash<std::string_view>{}(text);
    }
    static std::size_t word(std::size_t hash, int shift) { return hash >> (shift + 6) & 7; }
    static std::uint64_t bit(std::size_t hash, int shift) {
        return std::uint64_t{1} << (hash >> shift & 63);
    }

    std::vector<Line> lines_;
};

}  // namespace cjv::store
