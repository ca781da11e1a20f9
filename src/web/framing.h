#pragma once
// Which requests are turned away for their form, beyond what the parser refuses by itself: everything
// that a proxy in front of us could read differently than we do. Pure. The connection closes after each.

#include "web/request.h"

#include <optional>
#include <span>
#include <string_view>

namespace cjv::web {

inline constexpr std::size_t kMaxHeadBytes = 8 * 1024;
inline constexpr std::size_t kMaxLineBytes = 4 * 1024;
inline constexpr std::size_t kMaxFields = 64;
inline constexpr std::size_t kMaxPathBytes = 1024;
inline constexpr std::size_t kMaxBodyBytes = 1024 * 1024;

struct Refusal {
    int status = 400;
    std::string_view what;  // for people; a literal
    bool operator==(const Refusal&) const = default;
};

// What is wrong with the bytes of a head, also while it is not complete: bare line feeds, folded lines,
// lines and heads that are too long.
std::optional<Refusal> refuse_bytes(std::string_view head);

// A head that was parsed.
struct Head {
    std::string_view method, target;
    int version = 11;  // 10 or 11
    std::span<const Header> fields;
};
std::optional<Refusal> refuse_head(const Head& head);

// Path and query of a target that refuse_head() lets pass: of an absolute one what follows the authority.
std::string_view origin_form(std::string_view target);

}  // namespace cjv::web
