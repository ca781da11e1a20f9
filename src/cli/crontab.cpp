#include "cli/crontab.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cli/schedule_question.h"
#include "schedule/json.h"

namespace cjv::cli {
namespace {

constexpr int kSlots = 3;

std::string_view without_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// "NAME = value", where NAME has letters, digits and underscores, or is quoted.
struct Setting {
    std::string_view name, value;
};

std::string_view without_quotes(std::string_view text) {
    const bool quoted =
        text.size() > 1 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
    return quoted ? text.substr(1, text.size() - 2) : text;
}

std::optional<Setting> setting_of(std::string_view line) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto name = without_quotes(without_blanks(line.substr(0, equals)));
    constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    if (name.empty() || name.find_first_not_of(kLetters) != std::string_view::npos)
        return std::nullopt;
    return Setting{name, without_quotes(without_blanks(line.substr(equals + 1)))};
}

// A line's schedule and the rest.
struct Line {
    std::string_view schedule, user, command;
};

Line cut(std::string_view line, bool with_user) {
    std::size_t at = 0;
    const int words = line.starts_with('@') ? 1 : 5;
    for (int i = 0; i < words && at < line.size(); ++i) {
        at = std::min(line.find_first_of(" \t", at), line.size());
        if (i + 1 < words) at = std::min(line.find_first_not_of(" \t", at), line.size());
    }
    const auto schedule = line.substr(0, at);
    auto command = without_blanks(line.substr(at));
    if (!with_user) return {schedule, {}, command};
    const auto user = command.substr(0, command.find_first_of(" \t"));
    return {schedule, user, without_blanks(command.substr(user.size()))};
}

class Crontab {
public:
    Crontab(const CrontabQuestion& asked, const schedule::Zones& zones)
        : asked_(asked), zones_(zones) {}

    bool read() {
        bool well = true;
        auto text = asked_.text;
        for (int number = 1; !text.empty(); ++number) {
            const auto line = without_blanks(text.substr(0, text.find('\n')));
            text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
            if (line.empty() || line[0] == '#') continue;
            if (const auto setting = setting_of(line))
                well = set(*setting, number) && well;
            else
                well = check(cut(line, asked_.with_users), number) && well;
        }
        return well;
    }

private:
    bool set(const Setting& setting, int number) {
        if (setting.name != "CRON_TZ" && setting.name != "TZ") return true;
        zone_ = zones_.find(setting.value);
        zone_name_ = setting.value;
        if (!zone_) refuse(number, {.code = "unknown-timezone", .message = unknown_zone()});
        return zone_ != nullptr;
    }

    bool check(const Line& line, int number) {
        if (!zone_) return refuse(number, {.code = "unknown-timezone", .message = unknown_zone()});
        const auto schedule =
            schedule::Schedule::parse(line.schedule, {.type = schedule::Type::cron,
                                                      .hash_key = std::string(line.command),
                                                      .zone = zone_,
                                                      .zones = &zones_});
        if (!schedule) return refuse(number, schedule.error());
        if (line.command.empty())
            return refuse(number, {.code = "no-command", .message = "the command is missing"});
        if (asked_.as_json) {
            print(number, true, [&](json::Writer& out) {
                out.field("command", line.command);
                if (!line.user.empty()) out.field("user", line.user);
                write_told(out, {*schedule, line.schedule, zone_.get(), asked_.now, kSlots});
            });
            return true;
        }
        fmt::print("line {}: {}\n", number, schedule->words());
        for (const auto& warning : schedule->warnings(asked_.now, line.schedule)) {
            fmt::print("line {}: {}: {}\n", number, warning.strong ? "warning" : "note",
                       warning.message);
            if (warning.suggest)
                fmt::print("line {}:   perhaps: {}\n", number, told(*warning.suggest));
        }
        return true;
    }

    std::string unknown_zone() const { return fmt::format("unknown time zone \"{}\"", zone_name_); }

    bool refuse(int number, const schedule::Refusal& refusal) {
        if (!asked_.as_json) {
            fmt::print("line {}: refused: {}\n", number, sentence(refusal));
            if (refusal.suggest)
                fmt::print("line {}: did you mean: {}\n", number, told(*refusal.suggest));
            return false;
        }
        print(number, false, [&](json::Writer& out) {
            out.key("error");
            write(out, refusal);
        });
        return false;
    }

    template <class Rest>
    void print(int number, bool ok, Rest rest) {
        std::string text;
        json::Writer out(text);
        out.begin_object();
        out.field("line", number);
        out.field("ok", ok);
        rest(out);
        out.end_object();
        fmt::print("{}\n", text);
    }

    const CrontabQuestion& asked_;
    const schedule::Zones& zones_;
    std::string zone_name_ = "UTC";
    std::shared_ptr<const schedule::Zone> zone_ = schedule::Zone::utc();
};

}  // namespace

bool has_user_column(std::string_view path) {
    const std::filesystem::path file = std::filesystem::absolute(path).lexically_normal();
    return file == "/etc/crontab" || file.parent_path().filename() == "cron.d";
}

bool check_crontab(const CrontabQuestion& asked, const schedule::Zones& zones) {
    return Crontab(asked, zones).read();
}

}  // namespace cjv::cli
