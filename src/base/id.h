#pragma once
// Ids that cannot be mixed up. What the bits of a run id mean is domain/run_id's business.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cjv {

// A whole number that names one kind of thing. 0 names nothing.
template <class Tag>
struct Number {
    std::int64_t value = 0;
    auto operator<=>(const Number&) const = default;
    explicit operator bool() const { return value != 0; }
};
using JobNumber = Number<struct JobTag>;
using UserNumber = Number<struct UserTag>;

// Sixteen bytes in network order, so that comparing bytes compares what they say.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Uuid&) const = default;
};

// "0191e0c4-8a70-8001-8000-000500000000", lower case (RFC 9562).
std::string to_text(const Uuid& id);
void append_text(std::string& out, const Uuid& id);
// Takes either case; nothing when the text is not 36 characters of that form.
std::optional<Uuid> parse_uuid(std::string_view text);

// The id of a run: a UUID of its own layout, see domain/run_id.h.
struct RunId : Uuid {
    RunId() = default;
    explicit RunId(const Uuid& uuid) : Uuid(uuid) {}
};

}  // namespace cjv

template <class Tag>
struct std::hash<cjv::Number<Tag>> {
    std::size_t operator()(cjv::Number<Tag> n) const noexcept {
        return std::hash<std::int64_t>{}(n.value);
    }
};
template <>
struct std::hash<cjv::Uuid> {
    std::size_t operator()(const cjv::Uuid& id) const noexcept {
        return std::hash<std::string_view>{}(
            {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
    }
};
template <>
struct std::hash<cjv::RunId> : std::hash<cjv::Uuid> {};
