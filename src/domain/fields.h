#pragma once
// The members of a JSON object, read one by one with the rules and the words of Django REST
// Framework's serializer fields. What the members mean is the caller's business.

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cjv::domain {

struct TextRule {
    std::size_t max_length = std::numeric_limits<std::size_t>::max();  // in characters
    bool may_be_blank = true;
    bool null_is_blank = false;  // otherwise null is refused
    bool one_line = false;       // no control characters
    bool is_strict = false;      // neither trimmed nor made from a number
};
struct IntegerRange {
    std::int64_t low = 0;
    std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

// Every reading function returns nothing when the member is absent, and nothing when it is refused;
// the error is then in the list. Strings count as booleans and numbers where DRF takes them, so that
// forms can be read as well.
class Fields {
public:
    // `object` is one; `path` leads to it, empty for the body. `errors` must outlive this.
    Fields(const json::Value& object, std::string path, std::vector<FieldError>& errors)
        : object_(object), path_(std::move(path)), errors_(errors) {}

    bool has(std::string_view name);        // also when it is null
    bool has_value(std::string_view name);  // there, and not null
    std::optional<json::Value> value(std::string_view name);

    std::optional<std::string> text(std::string_view name, const TextRule& rule = {});
    std::optional<bool> boolean(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name, IntegerRange range = {});
    std::optional<Instant> instant(std::string_view name);  // whole seconds
    std::optional<json::Value> object(std::string_view name);
    std::optional<std::vector<std::string>> texts(std::string_view name, std::size_t max_items,
                                                  const TextRule& rule);

    // `from` reads one of the words.
    template <class Enum>
    std::optional<Enum> choice(std::string_view name,
                               std::optional<Enum> (*from)(std::string_view)) {
        const auto given = value(name);
        if (!given) return std::nullopt;
        const auto word = given->as_string();
        const auto known = word ? from(*word) : std::nullopt;
        if (!known) refuse_choice(name, *given);
        return known;
    }

    // For what this version does not do: the member may be absent or its default, `words` are those
    // that are known, the default first.
    void only_default(std::string_view name, std::initializer_list<std::string_view> words);
    void only_number(std::string_view name, std::int64_t standard, IntegerRange range = {});
    void only_null(std::string_view name);

    void require(std::string_view name);  // refuses its absence
    void refuse(std::string_view name, std::string code, std::string message,
                std::string hint = {});
    // Refuses every member that nobody has asked for and that is not in `ignored`.
    void refuse_unknown(std::initializer_list<std::string_view> ignored = {});

private:
    std::string path_to(std::string_view name) const;
    void refuse_choice(std::string_view name, const json::Value& given);
    std::optional<std::string> text_of(const std::string& name, const json::Value& given,
                                       const TextRule& rule);
    void ask(std::string_view name);

    json::Value object_;
    std::string path_;
    std::vector<FieldError>& errors_;
    std::vector<std::string> asked_;
};

// "list", "str", "NoneType": as DRF's messages call what they got.
std::string_view python_type(const json::Value& value);

inline constexpr std::string_view kNotAvailable = "Not available in this version.";

// "name: This field is required. (and 2 more)" with all of them as its fields.
std::unexpected<Error> refuse_all(std::vector<FieldError> errors);

}  // namespace cjv::domain
