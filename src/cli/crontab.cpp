#include "cli/crontab.h"

#include <fmt/core.h>

#include <algorithm>
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

// A line's schedule and the rest: the command, behind a user's name in a system's crontab.
struct Line {
    std::string_view schedule, command;
};

Line cut(std::string_view line) {
    std::size_t at = 0;
    const int words = line.starts_with('@') ? 1 : 5;
    for (int i = 0; i < words && at < line.size(); ++i) {
        at = std::min(line.find_first_of(" \t", at), line.size());
        if (i + 1 < words) at = std::min(line.find_first_not_of(" \t", at), line.size());
    }
    return {line.substr(0, at), without_blanks(line.substr(at))};
}

class Crontab {
public:
    Crontab(const schedule::Zones& zones, Instant now, bool as_json)
        : zones_(zones), now_(now), as_json_(as_json) {}

    bool read(std::string_view text) {
        bool well = true;
        for (int number = 1; !text.empty(); ++number) {
            const auto line = without_blanks(text.substr(0, text.find('\n')));
            text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
            if (line.empty() || line[0] == '#') continue;
            if (const auto setting = setting_of(line))
                well = set(*setting, number) && well;
            else
                well = check(cut(line), number) && well;
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
        const auto schedule = schedule::Schedule::parse(
            line.schedule,
            {.type = schedule::Type::cron, .hash_key = std::string(line.command), .zone = zone_});
        if (!schedule) return refuse(number, schedule.error());
        if (line.command.empty())
            return refuse(number, {.code = "no-command", .message = "the command is missing"});
        if (as_json_) {
            print(number, true, line.command, [&](json::Writer& out) {
                write_told(out, {*schedule, line.schedule, zone_.get(), now_, kSlots});
            });
            return true;
        }
        fmt::print("line {}: {}\n", number, schedule->words());
        for (const auto& warning : schedule->warnings(now_, line.schedule))
            fmt::print("line {}: {}: {}\n", number, warning.strong ? "warning" : "note",
                       warning.message);
        return true;
    }

    std::string unknown_zone() const { return fmt::format("unknown time zone \"{}\"", zone_name_); }

    bool refuse(int number, const schedule::Refusal& refusal) {
        if (!as_json_) {
            fmt::print("line {}: refused: {}\n", number, sentence(refusal));
            if (refusal.suggest)
                fmt::print("line {}: did you mean: {}\n", number, refusal.suggest->schedule);
            return false;
        }
        print(number, false, {}, [&](json::Writer& out) {
            out.key("error");
            write(out, refusal);
        });
        return false;
    }

    template <class Rest>
    void print(int number, bool ok, std::string_view command, Rest rest) {
        std::string text;
        json::Writer out(text);
        out.begin_object();
        out.field("line", number);
        out.field("ok", ok);
        if (!command.empty()) out.field("command", command);
        rest(out);
        out.end_object();
        fmt::print("{}\n", text);
    }

    const schedule::Zones& zones_;
    Instant now_;
    bool as_json_;
    std::string zone_name_ = "UTC";
    std::shared_ptr<const schedule::Zone> zone_ = schedule::Zone::utc();
};

}  // namespace

bool check_crontab(std::string_view text, const schedule::Zones& zones, Instant now, bool as_json) {
    return Crontab(zones, now, as_json).read(text);
}

}  // namespace cjv::cli
