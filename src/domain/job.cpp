#include "domain/job.h"

#include "base/json.h"

#include <array>

namespace cjv::domain {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 4> kKindTexts = {"command", "http", "celery", "internal"};
constexpr std::array<std::string_view, 3> kMisfireTexts = {"none", "latest", "all"};
constexpr std::array<std::string_view, 5> kOverlapTexts = {"allow", "skip", "queue_one",
                                                           "queue_all", "cancel_running"};
constexpr std::array<std::string_view, 2> kActionTexts = {"clean_up", "health_check"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& texts, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i)
        if (texts[i] == text) return static_cast<Enum>(i);
    return std::nullopt;
}

std::unexpected<Error> corrupt(const Job& job, std::string_view what) {
    return fail(Errc::corrupt, "stored target of job \"" + job.name + "\": " + std::string(what));
}

Result<json::Value> stored_target(const Job& job) {
    auto target = json::parse(job.target);
    if (!target) return corrupt(job, target.error().what);
    if (target->kind() != json::Kind::object) return corrupt(job, "not an object");
    return target;
}

bool read_argv(const json::Value& list, CommandTarget& target) {
    for (const json::Value& item : list.items()) {
        const auto text = item.as_string();
        if (!text) return false;
        target.argv.emplace_back(*text);
    }
    return list.kind() == json::Kind::array;
}

bool read_env(const json::Value& object, CommandTarget& target) {
    for (const auto& [name, content] : object.members()) {
        const auto text = content.as_string();
        if (!text) return false;
        target.env.emplace(name, *text);
    }
    return object.kind() == json::Kind::object;
}

bool read_success_codes(const json::Value& list, CommandTarget& target) {
    target.success_codes.clear();
    for (const json::Value& item : list.items()) {
        const auto code = item.as_int64();
        if (!code) return false;
        target.success_codes.push_back(int(*code));
    }
    return list.kind() == json::Kind::array;
}

}  // namespace

std::string_view to_text(Kind kind) { return kKindTexts[std::size_t(kind)]; }
std::string_view to_text(Misfire misfire) { return kMisfireTexts[std::size_t(misfire)]; }
std::string_view to_text(Overlap overlap) { return kOverlapTexts[std::size_t(overlap)]; }
std::string_view to_text(InternalAction action) { return kActionTexts[std::size_t(action)]; }

std::optional<Kind> kind_from(std::string_view text) { return find<Kind>(kKindTexts, text); }
std::optional<Misfire> misfire_from(std::string_view text) {
    return find<Misfire>(kMisfireTexts, text);
}
std::optional<Overlap> overlap_from(std::string_view text) {
    return find<Overlap>(kOverlapTexts, text);
}

Overlap default_overlap(Kind kind) { return kind == Kind::celery ? Overlap::allow : Overlap::skip; }

Result<CommandTarget> command_target(const Job& job) {
    const auto stored = stored_target(job);
    if (!stored) return std::unexpected(stored.error());

    CommandTarget target;
    for (const auto& [key, value] : stored->members()) {
        const auto text = value.as_string();
        const auto yes = value.as_bool();
        bool is_read = true;
        if (key == "cwd" && text)
            target.cwd = *text;
        else if (key == "stdin" && text)
            target.stdin_text = *text;
        else if (key == "shell" && yes)
            target.shell = *yes;
        else if (key == "argv")
            is_read = read_argv(value, target);
        else if (key == "env")
            is_read = read_env(value, target);
        else if (key == "success_codes")
            is_read = read_success_codes(value, target);
        else
            is_read = false;
        if (!is_read) return corrupt(job, "cannot read \"" + std::string(key) + "\"");
    }
    if (target.argv.empty()) return corrupt(job, "no argv");
    return target;
}

Result<InternalTarget> internal_target(const Job& job) {
    const auto stored = stored_target(job);
    if (!stored) return std::unexpected(stored.error());

    const auto action = stored->find("action");
    const auto name = action ? action->as_string() : std::nullopt;
    const auto known = name ? find<InternalAction>(kActionTexts, *name) : std::nullopt;
    if (!known) return corrupt(job, "no action that we know");

    InternalTarget target{.action = *known};
    if (const auto days = stored->find("days")) target.days = days->as_int64();
    return target;
}

}  // namespace cjv::domain
