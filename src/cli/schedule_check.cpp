// `schedule check`: many schedules at once. Asks nobody: the engine is in the program.

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "app/zone_files.h"
#include "cli/command.h"
#include "cli/crontab.h"
#include "cli/schedule_question.h"
#include "cli/settings.h"

namespace cjv::cli {
namespace {

constexpr std::size_t kReadAtOnce = 64 * 1024;
constexpr std::size_t kLongestLine = 256 * 1024;

// Cuts what is read into lines; a line that is too long is told once, and what follows of it is left out.
class Lines {
public:
    template <class Each>
    void add(std::string_view bytes, Each each) {
        for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
            keep(bytes.substr(0, end));
            finish(each);
            bytes.remove_prefix(end + 1);
        }
        keep(bytes);
    }
    // What comes after the last line end.
    template <class Each>
    void end(Each each) {
        if (!line_.empty() || too_long_) finish(each);
    }

private:
    void keep(std::string_view piece) {
        too_long_ = too_long_ || line_.size() + piece.size() > kLongestLine;
        if (!too_long_) line_ += piece;
    }
    template <class Each>
    void finish(Each each) {
        each(std::string_view(line_), too_long_);
        line_.clear();
        too_long_ = false;
    }

    std::string line_;
    bool too_long_ = false;
};

// False: it cannot be written, which is told.
bool write_all(std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            fmt::print(stderr, "standard output: {}\n", std::strerror(errno));
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// Answers are written before more is read, so that a program may wait for each.
int check_lines(const schedule::Zones& zones) {
    const SystemClock clock;
    std::string out;
    const auto each = [&](std::string_view line, bool too_long) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (too_long)
            answer_bad_request(out, fmt::format("a line has at most {} bytes", kLongestLine));
        else
            answer(out, line, zones, clock.now());
        out += '\n';
    };
    Lines lines;
    std::array<char, kReadAtOnce> bytes;
    for (;;) {
        const auto count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            fmt::print(stderr, "standard input: {}\n", std::strerror(errno));
            return failed;
        }
        if (count == 0) break;
        lines.add({bytes.data(), static_cast<std::size_t>(count)}, each);
        if (!write_all(out)) return failed;
        out.clear();
    }
    lines.end(each);
    return write_all(out) ? done : failed;
}

}  // namespace

int schedule_check(const Global& global, const CheckFlags& flags) {
    const auto settings = settings_of(global);
    if (!settings) return tell_usage(settings.error());
    const schedule::Zones zones([&](std::string_view name) {
        return app::read_zone_file(settings->config.schedule.zoneinfo, name);
    });
    if (flags.jsonl) return check_lines(zones);
    if (flags.crontab.empty()) {
        fmt::print(stderr, "schedule check needs --jsonl or --crontab FILE\n");
        return wrong_usage;
    }

    if (std::filesystem::is_directory(flags.crontab)) {
        fmt::print(stderr, "{}: a folder; name the file\n", flags.crontab);
        return failed;
    }
    std::ifstream file(flags.crontab, std::ios::binary);
    if (!file) {
        fmt::print(stderr, "{}: {}\n", flags.crontab, std::strerror(errno));
        return failed;
    }
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const bool all_right =
        check_crontab({.text = text,
                       .now = SystemClock{}.now(),
                       .with_users = flags.user_column || has_user_column(flags.crontab),
                       .as_json = global.json},
                      zones);
    return all_right ? done : failed;
}

}  // namespace cjv::cli
