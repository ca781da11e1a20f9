#include "domain/target_json.h"

#include "domain/celery_target_json.h"
#include "domain/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace cjv::domain {
namespace {

constexpr TextRule kText{.null_is_blank = true, .is_strict = true};

// Names with which a caller could make another program of the command (B-05 of docs/design/guarantees.md), and ours.
bool is_refused_name(std::string_view name) {
    constexpr std::array<std::string_view, 9> kNames = {
        "GLIBC_TUNABLES", "IFS",      "BASH_ENV",     "ENV",     "PYTHONPATH",
        "PYTHONSTARTUP",  "PERL5OPT", "NODE_OPTIONS", "PERL5LIB"};
    return std::ranges::find(kNames, name) != kNames.end() || name.starts_with("LD_") ||
           name.starts_with("GIT_") || name.starts_with("CJV_");
}

bool is_malformed_name(std::string_view name) {
    return name.empty() || std::ranges::any_of(name, [](unsigned char c) {
               return c <= ' ' || c == '=' || c == 0x7F;
           });
}

}  // namespace

std::map<std::string, std::string> read_environment(const json::Value& object, std::string path,
                                                    std::vector<FieldError>& errors) {
    std::map<std::string, std::string> variables;
    Fields env(object, std::move(path), errors);
    for (const auto& [name, value] : object.members()) {
        if (is_malformed_name(name))
            env.refuse(name, "invalid", "Not a valid name of a variable.");
        else if (is_refused_name(name))
            env.refuse(name, "invalid", "This variable may not be set.");
        else if (auto text = env.text(name, {.is_strict = true}))
            variables.emplace(name, *std::move(text));
    }
    return variables;
}

namespace {

class CommandReader {
public:
    CommandReader(const json::Value& object, const TargetReading& how,
                  std::vector<FieldError>& errors)
        : fields_(object, "target", errors), how_(how), errors_(errors) {}

    std::optional<StoredTarget> read() {
        const std::size_t errors = errors_.size();
        fields_.require("argv");
        if (const auto shell = fields_.boolean("shell")) target_.shell = *shell;
        if (auto argv = fields_.texts("argv", 1'000, {.is_strict = true}))
            target_.argv = *std::move(argv);
        if (auto cwd = fields_.text("cwd", kText)) target_.cwd = *std::move(cwd);
        read_stdin();
        read_env();
        read_success_codes();
        fields_.refuse_unknown();
        if (errors_.size() > errors) return std::nullopt;
        check();
        if (errors_.size() > errors) return std::nullopt;
        return StoredTarget{.json = stored(), .task = target_.argv.front()};
    }

private:
    // Bytes for a pipe: whatever a string can hold.
    void read_stdin() {
        const auto given = fields_.value("stdin");
        if (!given || given->is_null()) return;
        if (const auto text = given->as_string())
            target_.stdin_text = *text;
        else
            fields_.refuse("stdin", "invalid", "Not a valid string.");
    }

    void read_env() {
        const auto object = fields_.object("env");
        if (object) target_.env = read_environment(*object, "target.env", errors_);
    }

    void read_success_codes() {
        const auto codes = fields_.value("success_codes");
        if (!codes) return;
        const auto items = codes->items();
        target_.success_codes.clear();
        for (const json::Value& item : items) {
            const std::int64_t code = item.as_int64().value_or(-1);
            if (code >= 0 && code <= 255) target_.success_codes.push_back(int(code));
        }
        if (items.empty() || items.size() > 256 || items.size() != target_.success_codes.size())
            fields_.refuse("success_codes", "invalid",
                           "Expected a list of exit codes, each from 0 to 255.");
    }

    // What is well formed and still not allowed.
    void check() {
        if (target_.argv.empty())
            return fields_.refuse("argv", "empty", "This list may not be empty.");
        const std::string& program = target_.argv.front();
        if (program.empty())
            fields_.refuse("argv.0", "blank", "This field may not be blank.");
        else if (!target_.shell && program[0] != '/' && program.contains('/'))
            fields_.refuse(
                "argv.0", "invalid",
                "Expected an absolute path, or a name that is looked up in runner.path.");
        if (!target_.cwd.empty() && target_.cwd[0] != '/')
            fields_.refuse("cwd", "invalid", "Expected an absolute path.");

        const CommandTarget before = before_or_empty();
        if (target_.shell && !how_.shell_allowed && !before.shell)
            fields_.refuse("shell", "not_allowed", "Not allowed here: runner.shell is off.");
        const auto path = target_.env.find("PATH");
        const auto old_path = before.env.find("PATH");
        const bool is_new_path = path != target_.env.end() &&
                                 (old_path == before.env.end() || old_path->second != path->second);
        if (is_new_path && !how_.path_allowed)
            fields_.refuse("env.PATH", "invalid", "Only a superuser may set this variable.");
    }

    CommandTarget before_or_empty() const {
        if (!how_.before) return {};
        auto before = command_target(*how_.before);
        return before ? *std::move(before) : CommandTarget{};
    }

    std::string stored() const {
        const CommandTarget standard;
        std::string text;
        json::Writer out(text);
        out.begin_object();
        out.key("argv");
        out.begin_array();
        for (const std::string& argument : target_.argv) out.value(argument);
        out.end_array();
        if (!target_.env.empty()) {
            out.key("env");
            out.begin_object();
            for (const auto& [name, value] : target_.env) out.field(name, value);
            out.end_object();
        }
        if (!target_.cwd.empty()) out.field("cwd", target_.cwd);
        if (target_.shell) out.field("shell", true);
        if (!target_.stdin_text.empty()) out.field("stdin", target_.stdin_text);
        if (target_.success_codes != standard.success_codes) {
            out.key("success_codes");
            out.begin_array();
            for (const int code : target_.success_codes) out.value(code);
            out.end_array();
        }
        out.end_object();
        return text;
    }

    Fields fields_;
    const TargetReading& how_;
    std::vector<FieldError>& errors_;
    CommandTarget target_;
};

std::optional<StoredTarget> read_internal_target(const json::Value& object, const Job& before,
                                                 std::vector<FieldError>& errors) {
    const std::size_t already = errors.size();
    const auto old = internal_target(before);
    const auto action = old ? to_text(old->action) : std::string_view(before.task);

    Fields fields(object, "target", errors);
    fields.require("action");
    const auto given = fields.value("action");
    if (given && given->as_string() != action)
        fields.refuse("action", "invalid", "The action of our own chores cannot be changed.");
    std::optional<std::int64_t> days;
    if (fields.has_value("days")) {
        days = fields.integer("days", {1, 36'525});
        if (action != to_text(InternalAction::clean_up))
            fields.refuse("days", "invalid", "Only clean_up has days.");
    }
    fields.refuse_unknown();
    if (errors.size() > already) return std::nullopt;

    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("action", action);
    if (days) out.field("days", *days);
    out.end_object();
    return StoredTarget{.json = std::move(text), .task = std::string(action)};
}

}  // namespace

std::optional<StoredTarget> read_target(Kind kind, const json::Value& object,
                                        const TargetReading& how, std::vector<FieldError>& errors) {
    switch (kind) {
        case Kind::command: return CommandReader(object, how, errors).read();
        case Kind::celery: return read_celery_target(object, how.celery_check, errors);
        case Kind::internal:
            return how.before ? read_internal_target(object, *how.before, errors) : std::nullopt;
        case Kind::http: break;
    }
    return std::nullopt;
}

std::optional<StoredTarget> celery_target(const std::string& task, const TargetReading& how,
                                          std::vector<FieldError>& errors) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("task", task);
    if (how.before)
        if (const auto old = json::parse(how.before->target))
            for (const auto& [name, value] : old->members())
                if (name != "task") out.field(name, json::Raw{value.raw()});
    out.end_object();
    if (how.celery_check) {
        auto refused = how.celery_check(text);
        for (FieldError& error : refused) error.path.insert(0, "target.");
        std::ranges::move(refused, std::back_inserter(errors));
        if (!refused.empty()) return std::nullopt;
    }
    return StoredTarget{.json = std::move(text), .task = task};
}

}  // namespace cjv::domain
