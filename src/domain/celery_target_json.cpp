#include "domain/celery_target_json.h"

#include "base/iso8601.h"
#include "domain/fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace cjv::domain {
namespace {

constexpr TextRule kTaskName{.max_length = 200, .may_be_blank = false, .one_line = true};
constexpr TextRule kName{.max_length = 255, .one_line = true, .is_strict = true};
constexpr double kMostSeconds = 10 * 366 * 86'400.0;

// Reads what a target may be, member by member, and writes it as it is stored.
class CeleryReader {
public:
    CeleryReader(const json::Value& object, std::vector<FieldError>& errors)
        : fields_(object, "target", errors), errors_(errors), out_(text_) {}

    std::optional<StoredTarget> read(const TargetCheck& check) {
        const std::size_t before = errors_.size();
        out_.begin_object();
        read_task();
        read_json("args", json::Kind::array);
        read_json("kwargs", json::Kind::object);
        for (const char* name : {"queue", "exchange", "routing_key"}) read_name(name);
        if (fields_.has_value("priority"))
            if (const auto priority = fields_.integer("priority", {0, 255}))
                out_.field("priority", *priority);
        if (fields_.has_value("headers")) read_json("headers", json::Kind::object);
        read_expires();
        read_seconds("time_limit");
        read_seconds("soft_time_limit");
        read_ignore_result();
        out_.end_object();
        fields_.refuse_unknown();
        refuse_more(check);
        if (!task_ || errors_.size() > before) return std::nullopt;
        return StoredTarget{.json = std::move(text_), .task = *std::move(task_)};
    }

private:
    void read_task() {
        fields_.require("task");
        task_ = fields_.text("task", kTaskName);
        if (task_) out_.field("task", *task_);
    }

    // Goes on as it was typed, digit for digit.
    void read_json(std::string_view name, json::Kind kind) {
        const auto value = fields_.value(name);
        if (!value) return;
        if (value->kind() == kind) return out_.field(name, json::Raw{value->raw()});
        const bool is_list = kind == json::Kind::array;
        fields_.refuse(name, is_list ? "not_a_list" : "not_a_dict",
                       fmt::format("Expected a {} of items but got type \"{}\".",
                                   is_list ? "list" : "dictionary", python_type(*value)));
    }

    void read_name(std::string_view name) {
        if (!fields_.has_value(name)) return;
        const auto text = fields_.text(name, kName);
        if (!text) return;
        if (text->empty())
            return fields_.refuse(name, "blank",
                                  "This field may not be blank. Leave it out for the queue of the "
                                  "configuration (celery.routes).");
        out_.field(name, *text);
    }

    // Seconds, or an instant with up to six digits of a second.
    void read_expires() {
        const auto value = fields_.value("expires");
        if (!value || value->kind() != json::Kind::string) return read_seconds("expires");
        if (parse_iso8601(*value->as_string())) return out_.field("expires", *value->as_string());
        fields_.refuse("expires", "invalid",
                       "Expected seconds after the slot, or an instant such as "
                       "2026-12-24T18:00:00+01:00.");
    }

    void read_seconds(std::string_view name) {
        if (!fields_.has_value(name)) return;
        const auto value = fields_.value(name);
        const double seconds = value->as_double().value_or(0);
        if (seconds > 0 && seconds <= kMostSeconds)
            return out_.field(name, json::Raw{value->raw()});
        fields_.refuse(name, "invalid",
                       "Expected a number of seconds, more than 0 and at most ten years.");
    }

    // Nothing but the two words: of another one nobody could say what the task would get.
    void read_ignore_result() {
        if (!fields_.has_value("ignore_result")) return;
        const auto yes = fields_.value("ignore_result")->as_bool();
        if (yes) return out_.field("ignore_result", *yes);
        fields_.refuse("ignore_result", "invalid",
                       "Expected true or false; left out, the task decides.");
    }

    // What was well formed and is still no message. A field is refused once.
    void refuse_more(const TargetCheck& check) {
        if (!check) return;
        for (FieldError& error : check(text_)) {
            error.path = "target." + error.path;
            if (std::ranges::find(errors_, error.path, &FieldError::path) == errors_.end())
                errors_.push_back(std::move(error));
        }
    }

    Fields fields_;
    std::vector<FieldError>& errors_;
    std::string text_;
    json::Writer out_;
    std::optional<std::string> task_;
};

}  // namespace

std::optional<StoredTarget> read_celery_target(const json::Value& object, const TargetCheck& check,
                                               std::vector<FieldError>& errors) {
    return CeleryReader(object, errors).read(check);
}

}  // namespace cjv::domain
