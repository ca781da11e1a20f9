#include "app/app.h"

#include <sys/timex.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "app/celery_link.h"
#include "app/data_dir.h"
#include "app/first_sign_in.h"
#include "app/process_limits.h"
#include "app/watchdog.h"
#include "app/zone_files.h"
#include "app/zone_watch.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/version.h"
#include "beat/beat.h"
#include "dispatch/celery_message.h"
#include "dispatch/dispatch.h"
#include "dispatch/stranded.h"
#include "embedded/ui.h"
#include "monitor/health.h"
#include "schedule/zones.h"
#include "store/store.h"
#include "web/context.h"
#include "web/server.h"
#include "web/service.h"

namespace cjv::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kRequestPatience = 10s;  // to finish, when the server stops

dispatch::Settings settings_of(const Config& config) {
    const char* home = std::getenv("HOME");
    return {.path = config.runner.path,
            .home = home ? home : "/",
            .shell = config.runner.shell,
            .concurrency = config.runner.concurrency,
            .hold = config.runner.hold,
            .output_head = std::uint64_t(config.output.head),
            .output_tail = std::uint64_t(config.output.tail),
            .retention_days = config.retention.days};
}

bool is_clock_synchronised() {
    timex state{};  // asks, changes nothing
    return adjtimex(&state) != TIME_ERROR;
}

}  // namespace

// In the order in which they need one another; they go in reverse.
struct App::Parts {
    Parts(const LoadedConfig& loaded, DataDir folder)
        : config(loaded.config),
          log({.level = config.log.level, .format = config.log.format}, clock),
          data(std::move(folder)),
          zones([this](std::string_view name) {
              return read_zone_file(config.schedule.zoneinfo, name);
          }) {}

    const Config& config;
    SystemClock clock;
    Log log;
    DataDir data;
    schedule::Zones zones;
    Progress progress;
    std::optional<std::string> first_password;
    CelerySetup celery_setup;
    std::int64_t connections = 0;  // at most, at once

    std::unique_ptr<dispatch::CeleryEncoder> encoder;  // null: there is no broker
    std::unique_ptr<store::Store> store;
    std::unique_ptr<beat::Beat> beat;
    std::unique_ptr<dispatch::Dispatch> dispatch;
    std::unique_ptr<CeleryLink> celery;            // null: there is no broker
    std::unique_ptr<dispatch::Stranded> stranded;  // null: there is one
    std::unique_ptr<web::Events> events;
    std::unique_ptr<web::Follow> follow;
    web::Throttle throttle;
    web::JobTexts job_texts;
    monitor::HealthWatch health_watch;
    std::unique_ptr<web::Context> context;
    std::unique_ptr<web::Service> service;
    std::unique_ptr<web::Server> server;

    std::atomic<bool> is_stopping = false;
    std::jthread beat_thread;
    std::jthread watchdog_thread;
    std::jthread zones_thread;

    monitor::Health health();
    dispatch::Settings dispatch_settings() const;
    Result<void> open_store();
    void subscribe();
    std::int64_t connections_with_room();
    Result<void> open_web();
    void watch(const std::stop_token& stop);
    void watch_zones(const std::stop_token& stop);
};

dispatch::Settings App::Parts::dispatch_settings() const {
    dispatch::Settings settings = settings_of(config);
    if (celery_setup.has_broker)
        settings.celery_refusal = [this](const auto& job, const auto& run) {
            return encoder->refusal(job, run);
        };
    return settings;
}

monitor::Health App::Parts::health() {
    const beat::Report report = beat->report();
    monitor::HealthFacts facts{.last_commit = store->last_commit_time(),
                               .store_error = store->trouble(),
                               .resumes_at = report.resumes_at,
                               .lateness = report.lateness,
                               .jobs_in_trouble = store->board().counts().in_trouble,
                               .clock_synchronised = is_clock_synchronised(),
                               .waiting_runs = dispatch->waiting()};
    if (report.failure) {
        facts.undecided_since = report.failure->since;
        facts.undecided_why = report.failure->error;
    }
    if (celery) facts.fleet = celery->health();
    if (stranded) facts.stranded_runs = stranded->count();
    for (const auto& loop : progress.stalled(clock.steady())) facts.stalled.push_back(loop.name);
    return health_watch.look(facts, clock.now());
}

Result<void> App::Parts::open_store() {
    store::Options options{.path = data.file(kDatabaseFile),
                           .session_idle = config.auth.session_idle,
                           .session_max = config.auth.session_max};
    if (celery_setup.has_broker) {
        encoder = std::make_unique<dispatch::CeleryEncoder>(celery_setup.dispatch);
        options.encode = [this](const auto& job, const auto& run) { return (*encoder)(job, run); };
    }
    auto opened = store::Store::open(std::move(options), clock, zones, log);
    if (!opened) return std::unexpected(opened.error());
    store = std::move(*opened);
    const auto throttles = store->throttles();
    if (!throttles) return std::unexpected(throttles.error());
    throttle.restore(*throttles, clock.steady(), clock.now());
    auto password = offer_first_sign_in(*store, data, clock.now());
    if (!password) return std::unexpected(password.error());
    first_password = std::move(*password);
    return {};
}

// Every subscription of the program.
void App::Parts::subscribe() {
    store::Feed& feed = store->feed();
    // First who acts on it, then who tells of it.
    if (celery) {
        feed.subscribe_first([this](const store::Commit& commit) { celery->on_first(commit); });
        feed.subscribe([this](const store::Commit& commit) { celery->on_commit(commit); });
        feed.subscribe_to_staged(
            [this](const store::Staged& staged) { celery->on_staged(staged); });
    }
    feed.subscribe([this](const store::Commit& commit) { dispatch->on_commit(commit); });
    feed.subscribe_to_staged([this](const store::Staged& staged) { dispatch->on_staged(staged); });
    feed.subscribe([this](const store::Commit& commit) { beat->on_commit(commit); });
    if (stranded)
        feed.subscribe([this](const store::Commit& commit) { stranded->on_commit(commit); });
    feed.subscribe([this](const store::Commit& commit) { events->on_commit(commit); });
    feed.subscribe([this](const store::Commit& commit) { follow->on_commit(commit); });
}

// As many as the configuration says, where the system gives the descriptors.
std::int64_t App::Parts::connections_with_room() {
    const std::int64_t asked = config.limits.connections;
    const std::int64_t concurrency = config.runner.concurrency;
    const std::int64_t needed = files_needed(asked, concurrency);
    const std::int64_t files = raise_open_files(needed);
    const std::int64_t room = app::connections_with_room(asked, concurrency, files);
    if (files < needed)
        log.warn("app.few_open_files",
                 {{"limit", files}, {"needed", needed}, {"connections", room}, {"asked", asked}});
    return room;
}

Result<void> App::Parts::open_web() {
    context.reset(
        new web::Context{.store = *store,
                         .zones = zones,
                         .clock = clock,
                         .config = config,
                         .log = log,
                         .events = *events,
                         .follow = *follow,
                         .throttle = throttle,
                         .job_texts = job_texts,
                         .fleet = celery ? &celery->fleet() : nullptr,
                         .version = version(),
                         .celery_check =
                             [this](std::string_view target) {
                                 return dispatch::refusals(target, celery_setup.dispatch);
                             },
                         .health = [this] { return health(); },
                         .not_alive = [this] { return stands_still(progress, clock.steady()); },
                         .not_ready = [this]() -> std::string {
                             if (is_stopping) return "the server is stopping";
                             return monitor::not_ready(health());
                         }});
    auto router = web::Router::make(web::routes(), config.server.prefix);
    if (!router) return std::unexpected(router.error());
    const auto listen = parse_host_port(config.server.listen);
    if (!listen)
        return fail(Errc::bad_input, "server.listen: \"" + config.server.listen +
                                         "\" is not HOST:PORT, such as 127.0.0.1:8000");
    service = std::make_unique<web::Service>(
        *context, std::move(*router),
        web::Assets(ui_files(), config.server.prefix, std::string(version())), listen->host);
    auto opened =
        web::Server::open({.listen = *listen,
                           .control_socket = control_socket(data.path()),
                           .connections = connections,
                           .connections_per_address = config.limits.connections_per_address,
                           .trusted_proxies = config.server.trusted_proxies},
                          *service, progress, clock, log);
    if (!opened) return std::unexpected(opened.error());
    server = std::move(*opened);
    return {};
}

void App::Parts::watch(const std::stop_token& stop) {
    Watchdog watchdog(progress, clock, log);
    std::mutex mutex;
    std::condition_variable_any bell;
    std::optional<monitor::Health> told;
    while (!stop.stop_requested()) {
        watchdog.turn();
        events->turn();
        if (const monitor::Health now = health(); !told || !is_same_news(now, *told)) {
            told = now;
            events->on_health(now);
        }
        if (first_password) forget_first_sign_in(*store, data);
        std::unique_lock lock(mutex);
        bell.wait_for(lock, stop, 1s, [] { return false; });
    }
}

void App::Parts::watch_zones(const std::stop_token& stop) {
    ZoneWatch watch(zones, *store, log);
    std::mutex mutex;
    std::condition_variable_any bell;
    while (!stop.stop_requested()) {
        watch.turn();
        std::unique_lock lock(mutex);
        bell.wait_for(lock, stop, kZonesLooked, [] { return false; });
    }
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

App::~App() = default;

Result<std::unique_ptr<App>> App::build(const LoadedConfig& loaded) {
    auto data = DataDir::open(loaded.config.store.data_dir);
    if (!data) return std::unexpected(data.error());
    auto parts = std::make_unique<Parts>(loaded, std::move(*data));
    for (const std::string& remark : loaded.remarks)
        parts->log.info("config", {{"remark", remark}});

    auto setup = celery_setup(parts->config);
    if (!setup) return std::unexpected(setup.error());
    parts->celery_setup = *std::move(setup);
    // Before anything is opened, and before what a dead server left is looked for.
    parts->connections = parts->connections_with_room();
    if (auto opened = parts->open_store(); !opened) return std::unexpected(opened.error());
    store::Store& store = *parts->store;
    Mark& mark = parts->progress.add("beat", beat::kBeatLimit, parts->clock.steady());
    parts->dispatch = std::make_unique<dispatch::Dispatch>(
        store, parts->clock, parts->log, parts->progress, parts->dispatch_settings());
    if (auto done = parts->dispatch->recover(); !done)
        return fail(done.error(), "end what the last server left");
    if (parts->celery_setup.has_broker) {
        auto link = CeleryLink::build(parts->celery_setup, store, parts->clock, parts->log,
                                      parts->progress);
        if (!link) return std::unexpected(link.error());
        parts->celery = *std::move(link);
    } else {
        parts->stranded = std::make_unique<dispatch::Stranded>(store);
        if (auto read = parts->stranded->recover(); !read) return std::unexpected(read.error());
    }
    parts->beat = std::make_unique<beat::Beat>(store, parts->clock, parts->log, mark);
    parts->events = std::make_unique<web::Events>(store.start_number(), std::string(version()),
                                                  store.board(), parts->clock);
    parts->follow = std::make_unique<web::Follow>(store);
    parts->subscribe();
    if (auto opened = parts->open_web(); !opened) return std::unexpected(opened.error());
    return std::unique_ptr<App>(new App(std::move(parts)));
}

const std::string& App::data_dir() const { return parts_->data.path(); }

const std::optional<std::string>& App::first_password() const { return parts_->first_password; }

std::string App::url() const {
    const HostPort address = parts_->server->address();
    const bool is_v6 = address.host.find(':') != std::string::npos;
    return "http://" + (is_v6 ? "[" + address.host + "]" : address.host) + ":" +
           std::to_string(address.port) + parts_->config.server.prefix;
}

void App::start() {
    Parts& parts = *parts_;
    parts.store->start(parts.progress);
    parts.dispatch->start();
    if (parts.celery) parts.celery->start();
    parts.beat_thread =
        std::jthread([&parts](const std::stop_token& stop) { parts.beat->loop(stop); });
    parts.watchdog_thread =
        std::jthread([&parts](const std::stop_token& stop) { parts.watch(stop); });
    parts.zones_thread =
        std::jthread([&parts](const std::stop_token& stop) { parts.watch_zones(stop); });
    parts.server->start();
}

void App::stop(const std::function<bool()>& hurry) {
    Parts& parts = *parts_;
    parts.log.info("app.stopping");
    parts.is_stopping = true;
    parts.beat_thread = {};  // asks it to stop, and waits
    parts.zones_thread = {};
    // Requests and runs finish at the same time: a run may need neither, a page may still watch it end.
    std::jthread requests([&] { parts.server->stop(kRequestPatience); });
    parts.dispatch->stop(parts.config.server.drain_timeout, hurry);
    if (parts.celery) parts.celery->stop();
    requests.join();
    parts.watchdog_thread = {};
    parts.store->stop();
    parts.log.info("app.stopped");
}

}  // namespace cjv::app
