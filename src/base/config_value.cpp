#include "base/config_value.h"

#include <algorithm>
#include <charconv>
#include <span>

namespace cjv::config {
namespace {

using std::chrono::seconds;

template <class T>
struct Choice {
    std::string_view text;
    T value;
};
constexpr Choice<CommandsAllowed> kCommands[] = {{"off", CommandsAllowed::off},
                                                 {"superusers", CommandsAllowed::superusers},
                                                 {"owners", CommandsAllowed::owners}};
constexpr Choice<LogLevel> kLevels[] = {{"debug", LogLevel::debug},
                                        {"info", LogLevel::info},
                                        {"warning", LogLevel::warning},
                                        {"error", LogLevel::error}};
constexpr Choice<LogFormat> kFormats[] = {
    {"automatic", LogFormat::automatic}, {"text", LogFormat::text}, {"json", LogFormat::json}};
constexpr Choice<bool> kSwitch[] = {{"true", true}, {"false", false}};

struct Unit {
    std::string_view text;
    std::int64_t factor;
};
constexpr Unit kTimes[] = {{"", 1}, {"s", 1}, {"min", 60}, {"h", 3'600}, {"d", 86'400}};
constexpr Unit kSizes[] = {{"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

// "12 h", "4MiB", "30".
std::optional<std::int64_t> amount(std::string_view text, std::span<const Unit> units) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = whole_number(text.substr(0, digits));
    const auto unit = std::ranges::find(units, trim(text.substr(digits)), &Unit::text);
    std::int64_t product = 0;
    if (!number || unit == units.end() || *number == 0 ||
        __builtin_mul_overflow(*number, unit->factor, &product))
        return std::nullopt;
    return product;
}

template <class T, std::size_t n>
Refusal choose(std::string_view text, const Choice<T> (&choices)[n], T& value) {
    std::string names;
    for (const auto& choice : choices) {
        if (choice.text == text) {
            value = choice.value;
            return {};
        }
        names += (names.empty() ? "" : ", ") + std::string(choice.text);
    }
    return "must be one of " + names;
}

// Sets what a place holds from a text.
struct Read {
    std::string_view text;

    Refusal operator()(std::string* value) const {
        *value = text;
        return {};
    }
    Refusal operator()(bool* value) const { return choose(text, kSwitch, *value); }
    Refusal operator()(CommandsAllowed* value) const { return choose(text, kCommands, *value); }
    Refusal operator()(LogLevel* value) const { return choose(text, kLevels, *value); }
    Refusal operator()(LogFormat* value) const { return choose(text, kFormats, *value); }
    Refusal operator()(seconds* value) const {
        const auto number = amount(text, kTimes);
        if (!number || *number > 10LL * 366 * 86'400)
            return "must be a time such as \"30 s\", \"12 h\" or \"14 d\"";
        *value = seconds{*number};
        return {};
    }
    Refusal operator()(Bytes place) const {
        const auto number = amount(text, kSizes);
        if (!number || *number > std::int64_t{1} << 40) return "must be a size such as \"4 MiB\"";
        *place.value = *number;
        return {};
    }
    Refusal operator()(Whole place) const {
        const auto number = whole_number(text);
        if (!number || *number < place.least || *number > place.most)
            return "must be a whole number from " + std::to_string(place.least) + " to " +
                   std::to_string(place.most);
        *place.value = *number;
        return {};
    }
    Refusal operator()(std::vector<std::string>* value) const {
        value->clear();
        for (std::string_view rest = text; !rest.empty();) {
            const auto comma = std::min(rest.find(','), rest.size());
            if (const auto item = trim(rest.substr(0, comma)); !item.empty())
                value->emplace_back(item);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        return {};
    }
};

template <class T, std::size_t n>
std::string name_of(T value, const Choice<T> (&choices)[n]) {
    for (const auto& choice : choices)
        if (choice.value == value) return std::string(choice.text);
    return {};
}

struct Write {
    std::string operator()(const std::string* value) const { return *value; }
    std::string operator()(const bool* value) const { return name_of(*value, kSwitch); }
    std::string operator()(const CommandsAllowed* value) const {
        return name_of(*value, kCommands);
    }
    std::string operator()(const LogLevel* value) const { return name_of(*value, kLevels); }
    std::string operator()(const LogFormat* value) const { return name_of(*value, kFormats); }
    std::string operator()(const seconds* value) const {
        return std::to_string(value->count()) + " s";
    }
    std::string operator()(Whole place) const { return std::to_string(*place.value); }
    std::string operator()(Bytes place) const {
        for (const auto* unit = std::end(kSizes); unit-- > std::begin(kSizes);)
            if (*place.value % unit->factor == 0)
                return std::to_string(*place.value / unit->factor) + " " + std::string(unit->text);
        return {};
    }
    std::string operator()(const std::vector<std::string>* value) const {
        std::string text;
        for (const auto& item : *value) text += (text.empty() ? "" : ",") + item;
        return text;
    }
};

}  // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Refusal read_value(const Place& place, std::string_view text) {
    return std::visit(Read{trim(text)}, place);
}

std::string write_value(const Place& place) { return std::visit(Write{}, place); }

}  // namespace cjv::config
