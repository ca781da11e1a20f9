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
        if (key == "cwd" && text) {
            target.cwd = *text;
        } else if (key == "stdin" && text) {
            target.stdin_text = *text;
        } else if (key == "shell" && value.as_bool()) {
            target.shell = *value.as_bool();
        } else if (key == "argv" && value.kind() == json::Kind::array) {
            for (const json::Value& item : value.items()) {
                if (!item.as_string()) return corrupt(job, "argv holds something but strings");
                target.argv.emplace_back(*item.as_string());
            }
        } else if (key == "env" && value.kind() == json::Kind::object) {
            for (const auto& [name, content] : value.members()) {
                if (!content.as_string()) return corrupt(job, "env holds something but strings");
                target.env.emplace(name, *content.as_string());
            }
        } else if (key == "success_codes" && value.kind() == json::Kind::array) {
            target.success_codes.clear();
            for (const json::Value& item : value.items()) {
                if (!item.as_int64())
                    return corrupt(job, "success_codes holds something but numbers");
                target.success_codes.push_back(int(*item.as_int64()));
            }
        } else {
            return corrupt(job, "cannot read \"" + std::string(key) + "\"");
        }
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
