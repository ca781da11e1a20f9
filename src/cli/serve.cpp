// `serve`: the server, from its first line to its last signal.

#include <fmt/core.h>
#include <signal.h>

#include <cstdio>

#include "app/app.h"
#include "app/celery_link.h"
#include "app/process_limits.h"
#include "cli/command.h"
#include "cli/settings.h"

namespace cjv::cli {
namespace {

// The signals that end a server, held back for whoever waits for them. Threads made later inherit that.
class StopSignals {
public:
    StopSignals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGTERM);
        sigaddset(&set_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        signal(SIGPIPE, SIG_IGN);
        signal(SIGXFSZ, SIG_IGN);  // a file at its limit is an error of write(2), not an end
        signal(SIGHUP, SIG_IGN);
    }
    int wait() const {
        int number = 0;
        while (sigwait(&set_, &number) != 0) {
        }
        return number;
    }
    // Whether another one has come.
    bool again() const {
        const timespec now{0, 0};
        return sigtimedwait(&set_, nullptr, &now) > 0;
    }

private:
    sigset_t set_{};
};

void say(const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

}  // namespace

int serve(const Global& global, const ServeFlags& flags) {
    std::map<std::string, std::string, std::less<>> given;
    const auto give = [&](const char* name, const std::optional<std::string>& value) {
        if (value) given.emplace(name, *value);
    };
    give("server.listen", flags.listen);
    give("server.prefix", flags.prefix);
    give("store.url", flags.store);
    give("celery.broker", flags.broker);
    give("celery.result_backend", flags.result_backend);
    const auto config = settings_of(global, std::move(given));
    if (!config) return tell_usage(config.error());
    if (const auto setup = app::celery_setup(config->config); !setup)
        return tell_usage(setup.error());

    app::limit_this_process();
    const StopSignals signals;
    const auto app = app::App::build(*config);
    if (!app) {
        tell(app.error());
        return failed;  // whatever it lacked: it is we who should have been in reach
    }

    say("data: " + (*app)->data_dir());
    if (const auto& password = (*app)->first_password())
        say("first sign-in: admin " + *password + " (change it at sign-in; valid 24 h)");
    (*app)->start();
    say("ready " + (*app)->url());

    signals.wait();
    (*app)->stop([&] { return signals.again(); });
    return done;
}

}  // namespace cjv::cli
