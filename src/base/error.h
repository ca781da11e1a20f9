#pragma once
// The one error type of the program. Code branches on `code`; people read the rest.

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cjv {

enum class Errc {
    bad_input,        // refuse it and say why; sending it again will not help
    unauthenticated,  // we do not know who is asking
    forbidden,        // we do, and they may not
    not_found,        // or they may not know that it exists
    conflict,         // its state forbids it: the run is final, the job's overlap refuses
    stale,            // it was changed since they read it: read again, then decide
    throttled,        // too often, or the queue for it is full
    unavailable,      // a database or broker is out of reach: the same call may work later
    corrupt,          // stored or received bytes make no sense
};

// What is wrong with one field of the input.
struct FieldError {
    std::string path;     // "name", "target.argv.0"; empty when several fields disagree
    std::string code;     // stable, for programs: "required", "out-of-range"
    std::string message;  // for people: "This field is required."
    int column = 0;       // 1-based, where the field is a text that we parse; else 0
    std::string hint = {};
    std::string field = {};    // the part of that text: "hour"; empty where it has no parts
    std::string suggest = {};  // a JSON object that would be right instead; empty: nothing clear

    bool operator==(const FieldError&) const = default;
};

struct Error {
    Errc code;
    std::string what;                     // one line, no secrets: it reaches logs and API clients
    std::vector<FieldError> fields = {};  // with bad_input: everything that is wrong, not the first
};

// A value or an Error. Ignoring one is a compile error (-Werror=unused-result).
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
public:
    using std::expected<T, Error>::expected;
    Result() = default;
    Result(std::expected<T, Error> other) : std::expected<T, Error>(std::move(other)) {}
};

inline std::unexpected<Error> fail(Errc code, std::string what) {
    return std::unexpected(Error{code, std::move(what)});
}

// The input is refused because of one field.
inline std::unexpected<Error> refuse(std::string path, std::string code, std::string message) {
    Error error{Errc::bad_input, message};
    error.fields.push_back({std::move(path), std::move(code), std::move(message)});
    return std::unexpected(std::move(error));
}

// Keeps the code and puts what we were doing in front: "move cursor: database is locked".
inline std::unexpected<Error> fail(Error cause, std::string_view doing) {
    cause.what.insert(0, std::string(doing) + ": ");
    return std::unexpected(std::move(cause));
}

}  // namespace cjv
