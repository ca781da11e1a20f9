#include "app/celery_link.h"

#include <unistd.h>

#include <array>
#include <utility>

namespace cjv::app {
namespace {

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace

Result<std::optional<CelerySetup>> celery_setup(const Config& config) {
    if (config.celery.broker.empty()) return std::nullopt;
    auto url = net::parse_redis_url(config.celery.broker);
    if (!url) return fail(url.error(), "celery.broker");
    CelerySetup setup{.broker = *std::move(url), .dispatch = {}};
    setup.dispatch.transport.database = setup.broker.database;
    setup.dispatch.origin = "cjv" + std::to_string(::getpid()) + "@" + host_name();
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
    parts.broker_ = std::make_unique<dispatch::Broker>(
        store, *parts.redis_, setup.dispatch.transport.global_keyprefix + "cjv:pushed", clock, log,
        progress);
    if (auto recovered = parts.broker_->recover(); !recovered)
        return std::unexpected(recovered.error());
    return link;
}

monitor::BrokerFacts CeleryLink::health() const {
    const dispatch::BrokerReport report = broker_->report();
    return {.is_ready = report.connection.is_ready(),
            .why = report.connection.detail,
            .refusal = report.refusal,
            .waiting = report.waiting};
}

void CeleryLink::start() {
    broker_->start();
    is_started_ = true;
}

void CeleryLink::stop() {
    is_started_ = false;
    broker_->stop();
}

}  // namespace cjv::app
