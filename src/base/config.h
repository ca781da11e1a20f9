#pragma once
// Every setting, its default, and where its value came from. Reads no file, environment or argument
// by itself: whoever starts the program hands their texts in. What a setting does is its user's
// business.

#include "base/error.h"
#include "base/log.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cjv {

// Who may create jobs of kind `command` or change what they run.
enum class CommandsAllowed : std::uint8_t { off, superusers, owners };

// One line of a table whose names are not ours, in the order of the file.
struct ConfigEntry {
    std::string name;
    std::string value;  // as JSON
    std::string place;  // "cjv.toml:12", for messages
    bool operator==(const ConfigEntry&) const = default;
};

struct Config {
    struct Server {
        std::string listen = "127.0.0.1:8000";  // port 0 takes a free one
        std::string prefix = "/utilities/cron-job-viewer/";
        std::chrono::seconds drain_timeout{30};
        std::string tls_cert, tls_key;
        std::vector<std::string> trusted_proxies;  // addresses
        std::vector<std::string> allowed_hosts;    // besides loopback names and the listen address
        bool insecure = false;                     // plain HTTP beyond loopback is meant
    } server;
    struct Store {
        std::string data_dir;  // see default_data_dir()
        std::string url = "sqlite:";
    } store;
    struct Celery {
        std::string broker, result_backend;
        std::string timezone = "UTC";
        std::vector<ConfigEntry> routes;  // task → queue
        std::vector<ConfigEntry> transport_options, result_transport_options;
    } celery;
    struct Runner {
        CommandsAllowed commands = CommandsAllowed::superusers;
        std::string path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        bool shell = false;
        std::int64_t concurrency = 64;
        bool hold = true;
    } runner;
    struct Schedule {
        std::string zoneinfo = "/usr/share/zoneinfo";
    } schedule;
    struct Http {
        std::vector<std::string> allow_internal;
    } http;
    struct Auth {
        std::chrono::seconds session_idle = std::chrono::hours{12};
        std::chrono::seconds session_max = std::chrono::days{14};
    } auth;
    struct Limits {
        std::int64_t connections_per_address = 64;
        std::int64_t connections = 1'024;
    } limits;
    struct Output {
        std::int64_t head = 4 << 20;  // bytes
        std::int64_t tail = 12 << 20;
    } output;
    struct Retention {
        std::int64_t days = 30;
    } retention;
    struct Logging {
        LogLevel level = LogLevel::info;
        LogFormat format = LogFormat::automatic;
    } log;
};

// One row of the table of settings, in the order of the reference page.
struct Setting {
    std::string_view name;         // "server.listen"
    std::string_view flag;         // "--listen"; empty: it has none
    std::string_view environment;  // "CJV_LISTEN"; empty: it has none
    std::string_view words;        // what it does, for --help and the reference
};
std::span<const Setting> settings();

enum class Origin : std::uint8_t { built_in, file, environment, flag };
std::string_view to_text(Origin origin);

// The texts of one start.
struct ConfigTexts {
    std::string file_name;  // for messages; empty: there is no file
    std::string file;       // TOML
    std::map<std::string, std::string, std::less<>> environment;
    std::map<std::string, std::string, std::less<>> flags;  // by the setting's name
    bool root = false;                                      // whether the program runs as root
};

struct LoadedConfig {
    Config config;
    std::map<std::string, Origin, std::less<>> origins;  // by name; absent: built in
    std::vector<std::string> remarks;                    // sentences for the log
    Origin origin_of(std::string_view name) const;
};

// Later ones win: defaults, file, environment, flags. `bad_input` for an unknown key (with its
// line), a value that is none, settings of parts that are not built yet, and an address beyond
// loopback that nothing protects.
Result<LoadedConfig> load_config(const ConfigTexts& texts);

// The value as one would write it; secrets of URLs as stars.
std::string value_text(const Config& config, std::string_view name);

// "host:port" or "[v6]:port". Nothing when it is neither.
struct HostPort {
    std::string host;  // without brackets
    std::uint16_t port = 0;
};
std::optional<HostPort> parse_host_port(std::string_view text);
// 127.0.0.0/8, ::1 and "localhost".
bool is_loopback(std::string_view host);

}  // namespace cjv
