#pragma once
// Builds every part of the server in order, subscribes one to another, and stops them in reverse. Decides
// nothing by itself.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/config.h"
#include "base/error.h"

namespace cjv::app {

class App {
public:
    // Takes the data folder, opens the store, ends what a dead server left, binds the address. Nobody is
    // answered and nothing is decided before start(). `conflict`, with the owner's pid, when another server
    // has the folder. `config` must outlive the app.
    static Result<std::unique_ptr<App>> build(const LoadedConfig& config);
    ~App();

    const std::string& data_dir() const;
    // The one-time password of a first start; nothing: there are people already.
    const std::optional<std::string>& first_password() const;
    // "http://127.0.0.1:8000/utilities/cron-job-viewer/".
    std::string url() const;

    void start();
    // Stops deciding, lets requests and running jobs finish (server.drain_timeout), then stops those that
    // have not (TERM, ten seconds, KILL), records how they ended, and ends all threads. `hurry` is asked now
    // and then whether to skip the waiting.
    void stop(const std::function<bool()>& hurry);

private:
    struct Parts;
    explicit App(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace cjv::app
