#pragma once
// The fast way through a field that is made of digits and marks alone, as most are: "*/5", "9-17",
// "0,30". It knows nothing of mistakes: what it does not read, right or wrong, is field.h's business.

#include "schedule/sets.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cjv::schedule {

class PlainField {
public:
    // The set of values; nothing when the field is of another kind.
    static std::optional<std::uint64_t> read(std::string_view words, Bounds bounds) {
        PlainField field(words);
        std::uint64_t set = 0;
        do {
            const auto item = field.item(bounds);
            if (item == 0) return std::nullopt;
            set |= item;
        } while (field.take(','));
        if (field.at_ != field.end_) return std::nullopt;
        return set;
    }

private:
    explicit PlainField(std::string_view words)
        : at_(words.data()), end_(words.data() + words.size()) {}

    // The values of "*", "5", "5-9", each with or without a step; no bit when it is none of these.
    std::uint64_t item(Bounds bounds) {
        unsigned from = bounds.low, to = bounds.high, step = 1;
        bool single = false;
        if (!take('*')) {
            if (!number(from)) return 0;
            to = from;
            single = !take('-');
            if (!single && !number(to)) return 0;
        }
        if (take('/')) {
            if (!number(step) || step == 0 || step > 63) return 0;
            if (single) to = bounds.high;
        }
        if (from < bounds.low || from > to || to > bounds.high) return 0;
        return kSteps[step] << from & ~std::uint64_t{0} >> (63 - to);
    }

    bool take(char mark) {
        const bool is_there = at_ != end_ && *at_ == mark;
        at_ += is_there;
        return is_there;
    }

    // One or two digits; a third one then stands where none of the marks does.
    bool number(unsigned& value) {
        if (!digit(value)) return false;
        if (unsigned second = 0; digit(second)) value = value * 10 + second;
        return true;
    }

    bool digit(unsigned& value) {
        if (at_ == end_) return false;
        const auto d = static_cast<unsigned>(*at_) - '0';
        if (d > 9) return false;
        value = d;
        ++at_;
        return true;
    }

    // Every n-th bit, from bit 0 on.
    static constexpr auto kSteps = [] {
        std::array<std::uint64_t, 64> steps{};
        for (unsigned n = 1; n < 64; ++n)
            for (unsigned bit = 0; bit < 64; bit += n) steps[n] |= std::uint64_t{1} << bit;
        return steps;
    }();

    const char* at_;
    const char* end_;
};

}  // namespace cjv::schedule
