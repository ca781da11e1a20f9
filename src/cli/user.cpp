// `user add|passwd|list`: through the running server where there is one, else in the store itself.

#include <fmt/core.h>

#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <string>

#include "base/crypto.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/control.h"
#include "cli/offline.h"
#include "cli/settings.h"
#include "domain/password_rule.h"

namespace cjv::cli {
namespace {

// Turns the terminal's echo off for as long as it lives, and holds Ctrl-C back until the echo is on again.
class Silence {
public:
    Silence() {
        sigemptyset(&stops_);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&stops_, number);
        sigprocmask(SIG_BLOCK, &stops_, &signals_before_);
        if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    // A signal that was held back ends the program here.
    ~Silence() {
        if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        sigprocmask(SIG_SETMASK, &signals_before_, nullptr);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

    // Waits for a line; false: a signal came instead, and is still to be delivered.
    bool has_line() const {
        const int stopped = signalfd(-1, &stops_, SFD_CLOEXEC);
        std::array<pollfd, 2> either{{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                      {.fd = stopped, .events = POLLIN, .revents = 0}}};
        while (poll(either.data(), either.size(), -1) < 0 && errno == EINTR) {
        }
        if (stopped >= 0) close(stopped);
        return (either[1].revents & POLLIN) == 0;
    }

private:
    termios before_{};
    sigset_t stops_{}, signals_before_{};
    bool changed_ = false;
};

std::string ask(const char* prompt) {
    fmt::print(stderr, "{}", prompt);
    std::string text;
    {
        const Silence silence;
        if (silence.has_line()) std::getline(std::cin, text);
    }
    fmt::print(stderr, "\n");
    return text;
}

Result<std::string> read_password(const UserFlags& flags) {
    if (flags.password_stdin) {
        std::string text;
        std::getline(std::cin, text);
        return text;
    }
    if (!isatty(STDIN_FILENO))
        return fail(Errc::bad_input,
                    "no terminal to ask for a password on; pipe it in with --password-stdin");
    std::string text = ask("Password: ");
    if (text != ask("Again: ")) return fail(Errc::bad_input, "the two passwords differ");
    return text;
}

std::string body_of(const UserFlags& flags, const std::string& password) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.field("username", flags.name);
    out.field("email", flags.email);
    out.field("is_staff", flags.staff || flags.superuser);
    out.field("is_superuser", flags.superuser);
    out.field("password", password);
    out.end_object();
    return text;
}

Result<void> add_offline(const Config& config, const UserFlags& flags,
                         const std::string& password) {
    if (const auto good = domain::check_password(password, flags.name, "password"); !good)
        return std::unexpected(good.error());
    const auto offline = Offline::open(config);
    if (!offline) return std::unexpected(offline.error());
    auto hash = crypto::hash_password(password);
    if (!hash) return std::unexpected(hash.error());
    domain::User user;
    user.username = flags.name;
    user.email = flags.email;
    user.is_staff = flags.staff || flags.superuser;
    user.is_superuser = flags.superuser;
    const auto made = (*offline)->store().create_user(user, std::move(*hash), {});
    if (!made) return std::unexpected(made.error());
    return {};
}

Result<void> passwd_offline(const Config& config, const UserFlags& flags,
                            const std::string& password) {
    if (const auto good = domain::check_password(password, flags.name, "password"); !good)
        return std::unexpected(good.error());
    const auto offline = Offline::open(config);
    if (!offline) return std::unexpected(offline.error());
    store::Store& store = (*offline)->store();
    const auto user = store.find_user(std::string_view(flags.name));
    if (!user) return fail(Errc::not_found, "nobody is called \"" + flags.name + "\"");
    auto hash = crypto::hash_password(password);
    if (!hash) return std::unexpected(hash.error());
    return store.set_password(user->number, std::move(*hash), std::nullopt, nullptr, {});
}

// Everybody, page by page, as the running server's API has them.
Result<std::vector<json::Value>> users_online(const Control& control) {
    std::vector<json::Value> users;
    for (int number = 1;; ++number) {
        const auto page =
            control.call("GET", fmt::format("/api/users/?page_size=100&page={}", number));
        if (!page) return std::unexpected(page.error());
        const auto results = *page ? (*page)->find("results") : std::nullopt;
        const auto next = *page ? (*page)->find("next") : std::nullopt;
        if (!results || !next)
            return fail(Errc::corrupt, "the running server's answer is no page of users");
        for (const json::Value& user : results->items()) users.push_back(user);
        if (!next->as_string()) return users;
    }
}

// The number of the person `name` on the running server.
Result<std::int64_t> find_online(const Control& control, const std::string& name) {
    const auto users = users_online(control);
    if (!users) return std::unexpected(users.error());
    for (const json::Value& user : *users) {
        const auto id = user.find("id"), username = user.find("username");
        if (id && username && username->as_string() == name) return *id->as_int64();
    }
    return fail(Errc::not_found, "nobody is called \"" + name + "\"");
}

Result<void> passwd_online(const Control& control, const UserFlags& flags,
                           const std::string& password) {
    const auto number = find_online(control, flags.name);
    if (!number) return std::unexpected(number.error());
    std::string body;
    json::Writer out(body);
    out.begin_object();
    out.field("new_password", password);
    out.end_object();
    const auto done = control.call("POST", fmt::format("/api/users/{}/password/", *number), body);
    if (!done) return std::unexpected(done.error());
    return {};
}

struct Line {
    std::int64_t number;
    std::string username, email;
    bool staff, superuser;
};

std::string text_of(const json::Value& object, std::string_view key) {
    const auto value = object.find(key);
    return value && value->as_string() ? std::string(*value->as_string()) : "";
}
bool yes(const json::Value& object, std::string_view key) {
    const auto value = object.find(key);
    return value && value->as_bool().value_or(false);
}

Result<std::vector<Line>> people(const Config& config) {
    std::vector<Line> lines;
    if (const auto control = Control::connect(config.store.data_dir)) {
        const auto users = users_online(*control);
        if (!users) return std::unexpected(users.error());
        for (const json::Value& u : *users)
            lines.push_back({u.find("id")->as_int64().value_or(0), text_of(u, "username"),
                             text_of(u, "email"), yes(u, "is_staff"), yes(u, "is_superuser")});
        return lines;
    }
    const auto offline = Offline::open(config);
    if (!offline) return std::unexpected(offline.error());
    for (const domain::User& u : (*offline)->store().users())
        lines.push_back({u.number.value, u.username, u.email, u.is_staff, u.is_superuser});
    return lines;
}

int settle(const Result<void>& result, const std::string& said) {
    if (!result) return tell(result.error());
    fmt::print("{}\n", said);
    return done;
}

}  // namespace

int user_add(const Global& global, const UserFlags& flags) {
    const auto settings = settings_of(global);
    if (!settings) return tell_usage(settings.error());
    const auto password = read_password(flags);
    if (!password) return tell(password.error());

    Result<void> result;
    if (const auto control = Control::connect(settings->config.store.data_dir)) {
        const auto made = control->call("POST", "/api/users/", body_of(flags, *password));
        if (!made) result = std::unexpected(made.error());
    } else {
        result = add_offline(settings->config, flags, *password);
    }
    return settle(result, "added " + flags.name);
}

int user_passwd(const Global& global, const UserFlags& flags) {
    const auto settings = settings_of(global);
    if (!settings) return tell_usage(settings.error());
    const auto password = read_password(flags);
    if (!password) return tell(password.error());

    const auto control = Control::connect(settings->config.store.data_dir);
    return settle(control ? passwd_online(*control, flags, *password)
                          : passwd_offline(settings->config, flags, *password),
                  "changed the password of " + flags.name + "; their other sessions have ended");
}

int user_list(const Global& global) {
    const auto settings = settings_of(global);
    if (!settings) return tell_usage(settings.error());
    const auto lines = people(settings->config);
    if (!lines) return tell(lines.error());
    for (const Line& line : *lines) {
        if (global.json) {
            std::string text;
            json::Writer out(text);
            out.begin_object();
            out.field("id", line.number);
            out.field("username", line.username);
            out.field("email", line.email);
            out.field("is_staff", line.staff);
            out.field("is_superuser", line.superuser);
            out.end_object();
            fmt::print("{}\n", text);
        } else {
            fmt::print("{:<4} {:<24} {:<10} {}\n", line.number, line.username,
                       line.superuser ? "superuser"
                       : line.staff   ? "staff"
                                      : "",
                       line.email);
        }
    }
    return done;
}

}  // namespace cjv::cli
