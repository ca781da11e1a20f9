#include "app/celery_link.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "app/celery_settings.h"
#include "base/crypto.h"

namespace cjv::app {
namespace {

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace

Result<CelerySetup> celery_setup(const Config& config) {
    CelerySetup setup;
    if (!config.celery.broker.empty()) {
        auto url = net::parse_redis_url(config.celery.broker);
        if (!url) return fail(url.error(), "celery.broker");
        setup.has_broker = true;
        setup.results = setup.broker = *std::move(url);
    }
    if (!config.celery.result_backend.empty()) {
        auto results = net::parse_redis_url(config.celery.result_backend);
        if (!results) return fail(results.error(), "celery.result_backend");
        setup.results = *std::move(results);
    }
    auto settings = celery_settings(config, setup.broker.database);
    if (!settings) return std::unexpected(settings.error());
    auto prefix = result_prefix(config);
    if (!prefix) return std::unexpected(prefix.error());
    setup.dispatch = *std::move(settings);
    setup.dispatch.origin = "cjv" + std::to_string(::getpid()) + "@" + host_name();
    setup.result_prefix = *std::move(prefix);
    return setup;
}

Result<std::unique_ptr<CeleryLink>> CeleryLink::build(const CelerySetup& setup, store::Store& store,
                                                      const Clock& clock, Log& log,
                                                      Progress& progress) {
    std::unique_ptr<CeleryLink> link(new CeleryLink);
    CeleryLink& parts = *link;
    parts.io_ = std::make_unique<net::IoThread>("redis", progress, clock, log);
    net::RedisOptions options{.url = setup.broker};
    options.seed = static_cast<std::uint64_t>(clock.now().time_since_epoch().count());
    parts.redis_ = std::make_unique<net::Redis>(
        *parts.io_, std::move(options),
        [&parts](const net::RedisState& state) {
            // The first state may come before the broker is there; its start looks for itself.
            if (state.is_ready() && parts.is_started_) parts.broker_->wake();
        },
        clock, log);
    parts.broker_ =
        std::make_unique<dispatch::Broker>(store, dispatch::line_of(*parts.redis_),
                                           setup.dispatch.transport.global_keyprefix + "cjv:pushed",
                                           clock, log, progress, setup.dispatch.transport);
    if (auto recovered = parts.broker_->recover(); !recovered)
        return std::unexpected(recovered.error());

    const auto connection = [&](const net::RedisUrl& url) {
        net::RedisOptions options{.url = url};
        options.seed = static_cast<std::uint64_t>(clock.now().time_since_epoch().count());
        return options;
    };
    parts.fleet_ = std::make_unique<monitor::Fleet>(
        store, *parts.redis_, *parts.io_,
        monitor::FleetOptions{.broker = connection(setup.broker),
                              .results = connection(setup.results),
                              .transport = setup.dispatch.transport,
                              .routes = setup.dispatch.routes,
                              .result_prefix = setup.result_prefix,
                              .random = crypto::random_bytes},
        clock, log, progress);
    if (auto recovered = parts.fleet_->recover(); !recovered)
        return fail(recovered.error(), "read the runs that are not final");
    return link;
}

monitor::FleetFacts CeleryLink::health() const {
    const dispatch::BrokerReport report = broker_->report();
    monitor::FleetFacts facts = fleet_->facts();
    if (!report.refusal.empty()) facts.refusal = report.refusal;
    facts.waiting = report.waiting;
    facts.forbids_scripts = report.forbids_scripts;
    return facts;
}

void CeleryLink::start() {
    fleet_->start();  // first, so that no event of what is sent is missed
    is_started_ = true;
    broker_->start();  // its first turn sees what the connection was until here
}

void CeleryLink::stop() {
    is_started_ = false;
    broker_->stop();
    fleet_->stop();
}

}  // namespace cjv::app
