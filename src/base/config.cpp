#include "base/config.h"

#include "base/config_entries.h"
#include "base/config_value.h"

#include <algorithm>
#include <optional>

namespace cjv {
namespace {

using config::Bytes, config::Whole, config::Place;
using config::read_value, config::write_value, config::whole_number;

enum class Built : std::uint8_t { yes, no };  // no: the name is known, only its default is taken

struct Row {
    Setting setting;
    Place (*place)(Config&);
    Built built = Built::yes;
};

constexpr std::int64_t kMuch = 1'000'000;

// clang-format off
const Row kRows[] = {
    {{"server.listen", "--listen", "CJV_LISTEN", "address and port; port 0 takes a free one"},
     [](Config& c) -> Place { return &c.server.listen; }},
    {{"server.prefix", "--prefix", "CJV_PREFIX", "path below which everything is served"},
     [](Config& c) -> Place { return &c.server.prefix; }},
    {{"store.data_dir", "--data-dir", "CJV_DATA_DIR", "folder of everything that is kept"},
     [](Config& c) -> Place { return &c.store.data_dir; }},
    {{"store.url", "--store", "CJV_STORE", "sqlite: in the data folder"},
     [](Config& c) -> Place { return &c.store.url; }},
    {{"celery.broker", "--broker", "CJV_BROKER", "URL of Celery's broker"},
     [](Config& c) -> Place { return &c.celery.broker; }},
    {{"celery.result_backend", "--result-backend", "CJV_RESULT_BACKEND", "URL of Celery's results"},
     [](Config& c) -> Place { return &c.celery.result_backend; }},
    {{"celery.timezone", "", "CJV_CELERY_TIMEZONE", "zone of Celery's own schedules"},
     [](Config& c) -> Place { return &c.celery.timezone; }, Built::no},
    {{"runner.commands", "", "CJV_RUNNER_COMMANDS", "who may make command jobs: off, superusers, owners"},
     [](Config& c) -> Place { return &c.runner.commands; }},
    {{"runner.path", "", "", "where commands are looked for"},
     [](Config& c) -> Place { return &c.runner.path; }},
    {{"server.drain_timeout", "", "", "how long a stop waits for what is going on"},
     [](Config& c) -> Place { return &c.server.drain_timeout; }},
    {{"schedule.zoneinfo", "", "", "folder of the system's zone files"},
     [](Config& c) -> Place { return &c.schedule.zoneinfo; }},
    {{"runner.shell", "", "CJV_RUNNER_SHELL", "whether jobs may use a shell at all"},
     [](Config& c) -> Place { return &c.runner.shell; }},
    {{"runner.concurrency", "", "CJV_RUNNER_CONCURRENCY", "local runs at once"},
     [](Config& c) -> Place { return Whole{&c.runner.concurrency, 1, 10'000}; }},
    {{"runner.hold", "", "", "whether processes are made before their instant"},
     [](Config& c) -> Place { return &c.runner.hold; }},
    {{"http.allow_internal", "", "CJV_HTTP_ALLOW_INTERNAL", "internal hosts that HTTP jobs may reach"},
     [](Config& c) -> Place { return &c.http.allow_internal; }, Built::no},
    {{"server.tls_cert", "", "", "certificate chain"},
     [](Config& c) -> Place { return &c.server.tls_cert; }, Built::no},
    {{"server.tls_key", "", "", "its private key"},
     [](Config& c) -> Place { return &c.server.tls_key; }, Built::no},
    {{"server.trusted_proxies", "", "CJV_TRUSTED_PROXIES", "addresses whose X-Forwarded-* count"},
     [](Config& c) -> Place { return &c.server.trusted_proxies; }},
    {{"server.allowed_hosts", "", "CJV_ALLOWED_HOSTS", "names under which it may be asked"},
     [](Config& c) -> Place { return &c.server.allowed_hosts; }},
    {{"server.insecure", "", "", "plain HTTP beyond loopback is meant"},
     [](Config& c) -> Place { return &c.server.insecure; }},
    {{"auth.session_idle", "", "", "a session ends when unused for so long"},
     [](Config& c) -> Place { return &c.auth.session_idle; }},
    {{"auth.session_max", "", "", "a session ends after so long"},
     [](Config& c) -> Place { return &c.auth.session_max; }},
    {{"limits.connections_per_address", "", "", "open connections of one address"},
     [](Config& c) -> Place { return Whole{&c.limits.connections_per_address, 1, kMuch}; }},
    {{"limits.connections", "", "", "open connections in all"},
     [](Config& c) -> Place { return Whole{&c.limits.connections, 1, kMuch}; }},
    {{"output.head", "", "", "bytes kept of the beginning of an output"},
     [](Config& c) -> Place { return Bytes{&c.output.head}; }},
    {{"output.tail", "", "", "bytes kept of its end"},
     [](Config& c) -> Place { return Bytes{&c.output.tail}; }},
    {{"retention.days", "", "CJV_RETENTION_DAYS", "how long runs are kept"},
     [](Config& c) -> Place { return Whole{&c.retention.days, 1, 36'500}; }},
    {{"log.level", "--log-level", "CJV_LOG_LEVEL", "debug, info, warning, error"},
     [](Config& c) -> Place { return &c.log.level; }},
    {{"log.format", "", "CJV_LOG_FORMAT", "text, json; automatic: text on a terminal"},
     [](Config& c) -> Place { return &c.log.format; }},
};
// clang-format on

// Tables that are kept line by line, for those who know what their names mean.
struct Table {
    std::string_view name;
    std::vector<ConfigEntry>& (*place)(Config&);
};
using Entries = std::vector<ConfigEntry>;
constexpr Table kTables[] = {
    {"celery.routes", [](Config& c) -> Entries& { return c.celery.routes; }},
    {"celery.transport_options", [](Config& c) -> Entries& { return c.celery.transport_options; }},
    {"celery.result_transport_options",
     [](Config& c) -> Entries& { return c.celery.result_transport_options; }},
};

std::string text_of(const Row& row, const Config& config) {
    // Writing only looks; places are shared with reading and so not const.
    return write_value(row.place(const_cast<Config&>(config)));
}

const Row* find_row(std::string_view name) {
    const auto row = std::ranges::find(kRows, name, [](const Row& r) { return r.setting.name; });
    return row == std::end(kRows) ? nullptr : row;
}

// `scheme://user:password@host` shows no password.
std::string without_password(std::string text) {
    const auto scheme = text.find("://");
    const auto at = text.find('@');
    if (scheme == text.npos || at == text.npos) return text;
    const auto colon = text.find(':', scheme + 3);
    if (colon < at) text.replace(colon + 1, at - colon - 1, "********");
    return text;
}

class Loader {
public:
    explicit Loader(const ConfigTexts& texts) : texts_(texts) {}

    Result<LoadedConfig> load() {
        loaded_.config.store.data_dir = default_data_dir();
        if (auto read = read_file(); !read) return std::unexpected(read.error());
        for (const Row& row : kRows) {
            const auto found = texts_.environment.find(row.setting.environment);
            if (row.setting.environment.empty() || found == texts_.environment.end()) continue;
            auto set = this->set(row, found->second, Origin::environment, row.setting.environment);
            if (!set) return std::unexpected(set.error());
        }
        for (const auto& [name, text] : texts_.flags) {
            const Row* row = find_row(name);
            if (!row) return fail(Errc::bad_input, "there is no setting " + name);
            auto set = this->set(*row, text, Origin::flag, row->setting.flag);
            if (!set) return std::unexpected(set.error());
        }
        if (auto sound = check(); !sound) return std::unexpected(sound.error());
        return std::move(loaded_);
    }

private:
    std::string default_data_dir() const {
        const auto state = texts_.environment.find("XDG_STATE_HOME");
        if (state != texts_.environment.end() && state->second.starts_with('/'))
            return state->second + "/cron-job-viewer";
        if (texts_.root) return "/var/lib/cron-job-viewer";
        const auto home = texts_.environment.find("HOME");
        return (home == texts_.environment.end() ? std::string(".") : home->second) +
               "/.local/state/cron-job-viewer";
    }

    Result<void> set(const Row& row, std::string_view text, Origin origin, std::string_view where) {
        const std::string before = text_of(row, loaded_.config);
        const auto refusal = read_value(row.place(loaded_.config), text);
        if (refusal)
            return fail(Errc::bad_input, std::string(where) + ": " + std::string(row.setting.name) +
                                             " " + *refusal + ", not \"" + std::string(text) +
                                             "\"");
        if (row.built == Built::no && text_of(row, loaded_.config) != before)
            return not_available(where, row.setting.name);
        loaded_.origins[std::string(row.setting.name)] = origin;
        return {};
    }

    static std::unexpected<Error> not_available(std::string_view where, std::string_view name) {
        return fail(Errc::bad_input, std::string(where) + ": " + std::string(name) +
                                         " is not available in this version");
    }

    std::string place_of(const toml::node& node) const {
        return texts_.file_name + ":" + std::to_string(node.source().begin.line);
    }

    Result<void> read_file() {
        if (texts_.file_name.empty()) return {};
        try {
            return read_table(toml::parse(texts_.file), "");
        } catch (const toml::parse_error& error) {
            return fail(Errc::bad_input, texts_.file_name + ":" +
                                             std::to_string(error.source().begin.line) + ": " +
                                             std::string(error.description()));
        }
    }

    Result<void> read_table(const toml::table& table, const std::string& above) {
        for (const auto& [key, node] : table) {
            const std::string name = above + std::string(key.str());
            Result<void> read;
            if (const Row* row = find_row(name))
                read = read_node(*row, node);
            else if (const auto table = std::ranges::find(kTables, name, &Table::name);
                     table != std::end(kTables))
                read = read_entries(*table, node);
            else if (node.is_table() && is_section(name))
                read = read_table(*node.as_table(), name + ".");
            else
                read = fail(Errc::bad_input, place_of(node) + ": there is no setting " + name);
            if (!read) return read;
        }
        return {};
    }

    Result<void> read_entries(const Table& table, const toml::node& node) {
        if (!node.is_table())
            return fail(Errc::bad_input, place_of(node) + ": " + std::string(table.name) +
                                             " is a table, with a line for each of its names");
        auto entries = config::entries_of(*node.as_table(), texts_.file_name);
        if (!entries) return fail(entries.error(), table.name);
        table.place(loaded_.config) = *std::move(entries);
        loaded_.origins[std::string(table.name)] = Origin::file;
        return {};
    }

    static bool is_section(const std::string& name) {
        return std::ranges::any_of(
            kRows, [&](const Row& row) { return row.setting.name.starts_with(name + "."); });
    }

    Result<void> read_node(const Row& row, const toml::node& node) {
        std::string text;
        if (const auto string = node.value_exact<std::string>()) {
            text = *string;
        } else if (const auto number = node.value_exact<std::int64_t>()) {
            text = std::to_string(*number);
        } else if (const auto yes = node.value_exact<bool>()) {
            text = *yes ? "true" : "false";
        } else if (const auto* array = node.as_array()) {
            for (const auto& item : *array) {
                const auto string = item.value_exact<std::string>();
                if (!string || string->find(',') != string->npos)
                    return fail(Errc::bad_input, place_of(item) + ": " +
                                                     std::string(row.setting.name) +
                                                     " is a list of texts without commas");
                text += *string + ",";
            }
        } else {
            return fail(Errc::bad_input, place_of(node) + ": " + std::string(row.setting.name) +
                                             " is a text, a whole number, true, false or a list");
        }
        return set(row, text, Origin::file, place_of(node));
    }

    // What no single setting can tell.
    Result<void> check() {
        Config& c = loaded_.config;
        const auto listen = parse_host_port(c.server.listen);
        if (!listen)
            return fail(Errc::bad_input,
                        "server.listen must be HOST:PORT, not \"" + c.server.listen + "\"");
        if (!c.server.prefix.starts_with('/') || !c.server.prefix.ends_with('/') ||
            c.server.prefix.find("//") != std::string::npos ||
            c.server.prefix.find_first_of("?#%\\\" <>;{}") != std::string::npos)
            return fail(
                Errc::bad_input,
                "server.prefix must begin and end with a slash and be a plain path, not \"" +
                    c.server.prefix + "\"");
        if (c.store.url != "sqlite:") return not_available("store.url", c.store.url);
        if (c.store.data_dir.empty())
            return fail(Errc::bad_input, "store.data_dir must not be empty");
        if (c.auth.session_idle > c.auth.session_max)
            return fail(Errc::bad_input, "auth.session_idle must not be above auth.session_max");
        if (is_loopback(listen->host)) return {};

        if (c.server.trusted_proxies.empty() && !c.server.insecure)
            return fail(Errc::bad_input,
                        "server.listen " + c.server.listen +
                            " is reachable from other machines without TLS: name the proxy in "
                            "server.trusted_proxies, or set server.insecure = true");
        if (loaded_.origin_of("runner.commands") == Origin::built_in &&
            c.runner.commands != CommandsAllowed::off) {
            c.runner.commands = CommandsAllowed::off;
            loaded_.remarks.push_back(
                "runner.commands is off, because the server is reachable from other machines; set "
                "it by hand to allow command jobs");
        }
        return {};
    }

    const ConfigTexts& texts_;
    LoadedConfig loaded_;
};

}  // namespace

std::span<const Setting> settings() {
    static const std::vector<Setting> all = [] {
        std::vector<Setting> list;
        for (const Row& row : kRows) list.push_back(row.setting);
        return list;
    }();
    return all;
}

std::string_view to_text(Origin origin) {
    switch (origin) {
        case Origin::built_in: return "default";
        case Origin::file: return "file";
        case Origin::environment: return "environment";
        case Origin::flag: return "flag";
    }
    return "";
}

Origin LoadedConfig::origin_of(std::string_view name) const {
    const auto found = origins.find(name);
    return found == origins.end() ? Origin::built_in : found->second;
}

Result<LoadedConfig> load_config(const ConfigTexts& texts) { return Loader(texts).load(); }

std::string value_text(const Config& config, std::string_view name) {
    const Row* row = find_row(name);
    return row ? without_password(text_of(*row, config)) : std::string();
}

std::optional<HostPort> parse_host_port(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == text.npos || colon == 0) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    if (host.front() == '[') {
        if (host.back() != ']' || host.find(':') == host.npos) return std::nullopt;
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != host.npos) {
        return std::nullopt;
    }
    const auto port = whole_number(text.substr(colon + 1));
    if (host.empty() || host.find_first_of(" /@[]") != host.npos || !port || *port < 0 ||
        *port > 65'535)
        return std::nullopt;
    return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "::1") return true;
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

}  // namespace cjv
