#pragma once
// A text that must not be shown: it prints as stars, and whoever needs it has to say so.

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace cjv {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}

    bool empty() const { return value_.empty(); }
    // The text itself: for the wire or the hash, never for a log, an error or an answer.
    const std::string& reveal() const { return value_; }

private:
    std::string value_;
};

// Always the same stars, so that not even the length is told.
inline std::string_view to_text(const Secret&) { return "********"; }
inline std::ostream& operator<<(std::ostream& out, const Secret& secret) {
    return out << to_text(secret);
}

}  // namespace cjv
