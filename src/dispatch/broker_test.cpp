#include "dispatch/broker.h"

#include "celery/binding.h"
#include "support/broker.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cjv::dispatch {
namespace {

using namespace std::chrono_literals;
using domain::Status;
using support::a_job;
using support::BrokerWorld;
using support::must;
using support::RedisModel;
using Fault = RedisModel::Fault;

// For some three batches of one message.
constexpr OutboxRoom kSmall{.all = 400, .page = 100};

using Texts = std::vector<std::string>;

TEST_CASE("a message is pushed, and its run is queued then") {
    BrokerWorld world;
    const auto run = world.ask(world.a_task());
    CHECK(world.find(run).status == Status::pending);

    world.run();

    CHECK(world.pushed(1) == Texts{world.message(run)});
    CHECK(world.find(run).status == Status::queued);
    CHECK(world.broker->report().waiting == 0);
}

TEST_CASE("a push whose answer was lost is not pushed again") {
    BrokerWorld world;
    const auto job = world.a_task();
    const auto first = world.ask(job);
    world.redis.fault = [](int) { return Fault::cut_after; };
    world.run();
    world.redis.fault = {};
    const auto second = world.ask(job);

    SUBCASE("by the same server") {}
    SUBCASE("by the next one") { world.restart(); }
    world.redis.connect();
    world.run();

    CHECK(world.pushed(1) == Texts{world.message(first), world.message(second)});
    CHECK(world.find(first).status == Status::queued);
}

TEST_CASE("what a broker took before it was killed and came back empty is sent once more") {
    BrokerWorld world;
    const auto job = world.a_task();
    const auto first = world.ask(job);
    world.run();
    const auto second = world.ask(job);
    world.run();
    world.redis.lose_data();

    SUBCASE("while the server lives") { world.run(); }
    SUBCASE("while the server is down") { world.restart(); }
    SUBCASE("and more is decided meanwhile") {
        world.run();
        const auto third = world.ask(job);
        world.run();
        CHECK(world.find(third).status == Status::pending);
        world.redis.connect();
        world.run();
        CHECK(world.pushed(2) ==
              Texts{world.message(third), world.message(first), world.message(second)});
        return;
    }
    world.redis.connect();
    world.run();

    CHECK(world.pushed(2) == Texts{world.message(first), world.message(second)});
    CHECK(world.find(first).status == Status::queued);
    CHECK(world.find(first).notes.find("sent once more") != std::string::npos);
    CHECK(world.log_lines.back().find("broker.lost_data") != std::string::npos);
    world.redis.cut();
    world.redis.connect();
    world.run();
    CHECK(world.pushed(2).size() == 2);
}

TEST_CASE("data that are lost without a word of the connection are noticed at the next push") {
    BrokerWorld world;
    const auto job = world.a_task();
    const auto first = world.ask(job);
    world.run();
    world.redis.flush();

    const auto second = world.ask(job);
    world.run();

    CHECK(world.pushed(2) == Texts{world.message(second), world.message(first)});
}

TEST_CASE("a broker that has less than it had gets only what is missing") {
    BrokerWorld world;
    const auto job = world.a_task();
    world.ask(job);
    world.run();
    const auto numbers = world.redis.numbers;
    const auto second = world.ask(job);
    world.run();
    world.redis.lose_data();
    world.redis.numbers = numbers;  // a replica that had not heard of the newest

    world.redis.connect();
    world.run();

    CHECK(world.pushed(2) == Texts{world.message(second)});
}

TEST_CASE("lost, sent again, and lost again before anybody knew") {
    BrokerWorld world;
    const auto run = world.ask(world.a_task());
    world.run();
    world.redis.lose_data();
    world.redis.connect();
    world.redis.fault = [n = 0](int write) mutable {
        return write == 0 && ++n == 2 ? Fault::cut_after : Fault::none;  // the second push
    };
    world.run();
    CHECK(world.pushed(2).size() == 1);
    world.redis.fault = {};
    world.redis.lose_data();
    world.restart();
    world.redis.connect();
    world.run();

    CHECK(world.pushed(3) == Texts{world.message(run)});
    CHECK(world.find(run).status == Status::queued);
}

TEST_CASE(
    "a batch behind one that was refused is refused, too, and both are taken later in their "
    "order") {
    BrokerWorld world;
    const auto job = world.a_task();
    const auto first = world.ask(job), second = world.ask(job);
    world.redis.fault = [](int push) { return push == 1 ? Fault::refused : Fault::none; };
    world.broker->turn();
    CHECK(world.pushed(1).empty());
    CHECK(world.broker->report().refusal.find("maxmemory") != std::string::npos);
    world.redis.fault = {};

    SUBCASE("after a second") { world.clock.pass(1s); }
    SUBCASE("on a new connection") {
        world.redis.cut();
        world.redis.connect();
    }
    world.run();

    CHECK(world.pushed(1) == Texts{world.message(first), world.message(second)});
    CHECK(world.broker->report().refusal.empty());
}

TEST_CASE(
    "a list that was refused is tried once a second, with one batch, however much is decided") {
    BrokerWorld world;
    int pushes = 0;
    world.redis.fault = [&](int push) {
        pushes += push > 0;
        return push > 0 ? Fault::refused : Fault::none;
    };
    const auto job = world.a_task();
    for (int i = 0; i < 3; ++i) world.ask(job);
    world.run();
    CHECK(pushes == 3);
    for (int i = 0; i < 5; ++i) {
        world.ask(job);
        world.run();
    }
    CHECK(pushes == 3);
    world.clock.pass(1s);
    world.run();
    CHECK(pushes == 4);
    CHECK(world.broker->report().refusal.find("maxmemory") != std::string::npos);

    world.redis.fault = {};
    world.clock.pass(1s);
    world.run();
    CHECK(world.pushed(1).size() == 8);
    CHECK(world.broker->report().refusal.empty());
}

TEST_CASE("what was cancelled while the broker was away is not sent, not even by the next server") {
    BrokerWorld world;
    world.redis.cut();
    const auto job = world.a_task();
    const auto cancelled = world.ask(job), other = world.ask(job);
    must(world.store->ask_cancel(cancelled.id, false, {}));

    SUBCASE("by the same server") {}
    SUBCASE("by the next one") { world.restart(); }
    world.redis.connect();
    world.run();

    CHECK(world.pushed(1) == Texts{world.message(other)});
    CHECK(world.find(cancelled).status == Status::cancelled);
    CHECK(world.broker->report().waiting == 0);
}

TEST_CASE("what is decided and ends in one commit is not sent") {
    BrokerWorld world;
    const auto job = world.create(a_job().celery("t").every("1 hour"));
    world.clock.pass(1h);
    must(world.store->delete_job(job->number, 0, {}));
    CHECK(world.broker->report().waiting == 1);

    world.run();

    CHECK(world.pushed(1).empty());
    CHECK(world.broker->report().waiting == 0);
}

TEST_CASE(
    "a copy of older data takes a name of its own, so that its next messages do not look old") {
    BrokerWorld world;
    const auto job = world.a_task();
    world.ask(job);
    world.run();
    for (auto& [field, number] : world.redis.numbers) number = 7;  // by the server that was copied
    world.restart();

    const auto run = world.ask(job);
    world.run();

    CHECK(world.pushed(1).back() == world.message(run));
    CHECK(world.pushed(1).size() == 2);
    CHECK(world.redis.numbers.size() == 2);
}

TEST_CASE("a copy that does not know a list on which the other has pushed loses nothing there") {
    BrokerWorld world;
    world.ask(world.a_task());
    world.run();
    const std::string field = world.redis.numbers.begin()->first;
    world.redis.numbers[field.substr(0, field.find(':')) + ":u"] = 3;

    const auto run = world.ask(world.create(a_job().celery("u").name("u").number(2)));
    world.run();

    CHECK(world.pushed(1).back() == world.message(run));
    CHECK(world.pushed(1).size() == 2);
    CHECK(world.find(run).status == Status::queued);
}

TEST_CASE("of two servers that live on the same data none loses what the other was faster with") {
    BrokerWorld world;
    const auto job = world.a_task();
    const auto first = world.ask(job);
    world.run();
    for (auto& [field, number] : world.redis.numbers) number = 2;  // the other's second
    const auto second = world.ask(job);
    SUBCASE("with one batch") { world.run(); }
    SUBCASE("with one of several, of which the last is taken under the shared name") {
        const auto third = world.ask(job);
        world.run();
        CHECK(world.pushed(1)[1] == world.message(third));
        CHECK(world.find(third).status == Status::queued);
        CHECK(world.find(third).batch == 0);
    }
    SUBCASE("with one that could not be pushed at first") {
        world.redis.numbers.begin()->second = 1;
        SUBCASE("because the connection broke") {
            world.redis.fault = [](int) { return Fault::cut_before; };
        }
        SUBCASE("because there was no memory") {
            world.redis.fault = [](int push) { return push > 0 ? Fault::refused : Fault::none; };
        }
        world.run();
        REQUIRE(world.pushed(1).size() == 1);
        world.redis.fault = {};
        world.redis.numbers.begin()->second = 2;
        world.redis.connect();
        world.clock.pass(1s);
        world.run();
    }
    const auto pushed = world.pushed(1);
    CHECK(pushed[0] == world.message(first));
    CHECK(pushed.back() == world.message(second));
    CHECK(world.find(second).status == Status::queued);
    CHECK(world.redis.numbers.size() == 2);
    REQUIRE_FALSE(world.log_lines.empty());
    CHECK(world.log_lines.back().find("broker.older_copy") != std::string::npos);

    world.restart();
    world.redis.cut();
    world.redis.connect();
    world.run();
    CHECK(world.pushed(1) == pushed);
}

TEST_CASE("a copy that decides before it knows its broker is noticed all the same") {
    BrokerWorld world;
    const auto job = world.a_task();
    world.ask(job);
    world.run();
    for (auto& [field, number] : world.redis.numbers)
        number = 3;  // two more by the server that was copied
    world.redis.cut();
    world.restart();

    std::vector<domain::Run> runs;
    for (int i = 0; i < 3; ++i) runs.push_back(world.ask(job));  // its batches 2, 3 and 4
    SUBCASE("by the server that decided") {}
    SUBCASE("by another that comes after it") { world.restart(); }
    world.redis.connect();
    world.run();

    REQUIRE(world.pushed(1).size() == 4);
    for (std::size_t i = 0; i < 3; ++i) CHECK(world.pushed(1)[i + 1] == world.message(runs[i]));
}

TEST_CASE("what an older copy has in its outbox and the other has sent is not sent again") {
    BrokerWorld world(kSmall);
    const auto job = world.a_task();
    world.ask(job);
    world.run();
    world.redis.cut();
    std::vector<domain::Run> shared;
    for (int i = 0; i < 12; ++i) shared.push_back(world.ask(job));  // batches 2 to 13
    SUBCASE("all of it, and more") {
        for (auto& [field, number] : world.redis.numbers) number = 15;
        world.restart();
        SUBCASE("noticed at once") {}
        SUBCASE("noticed by a later start") { world.restart(); }
        const auto own = world.ask(job);  // batch 14, as the other has one
        world.redis.connect();
        world.run();
        CHECK(world.pushed(1).size() == 2);
        CHECK(world.pushed(1).back() == world.message(own));
        for (const auto& run : shared) CHECK(world.find(run).status == Status::queued);
    }
    SUBCASE("a part of it, on one of its lists") {
        const auto other = world.ask(world.create(a_job().celery("u").name("u").number(2)));
        for (auto& [field, number] : world.redis.numbers) {
            number = 6;
            const std::string mine = field.substr(0, field.find(':'));
            world.redis.numbers[mine + ":u"] = 4;
            break;
        }
        world.restart();
        world.redis.connect();
        world.run();
        CHECK(world.find(other).status == Status::queued);
        CHECK(world.find(shared[0]).status == Status::queued);
        CHECK(world.pushed(1).size() == 8);  // the first, and those from batch 7 on
        CHECK(world.pushed(1)[1] == world.message(shared[5]));
    }
    CHECK(world.broker->report().waiting == 0);
}

TEST_CASE("runs that wait for a broker which is away say so after a second") {
    BrokerWorld world;
    world.redis.cut();
    const auto run = world.ask(world.a_task());
    world.run();
    CHECK(world.find(run).reason == domain::Reason::none);
    world.clock.pass(1s);
    world.run();
    CHECK(world.find(run).reason == domain::Reason::broker_away);
    CHECK(world.broker->report().refusal == "Redis is away");
}

TEST_CASE(
    "runs that wait for a broker which answers and takes nothing say so, too, and go out once") {
    BrokerWorld world;
    const auto run = world.ask(world.a_task());
    world.redis.fault = [](int push) { return push > 0 ? Fault::refused : Fault::none; };
    world.run();
    CHECK(world.find(run).reason == domain::Reason::none);
    world.clock.pass(1s);
    world.run();
    CHECK(world.find(run).reason == domain::Reason::broker_away);
    CHECK(world.broker->report().refusal.find("maxmemory") != std::string::npos);
    world.redis.fault = {};

    world.clock.pass(1s);
    world.run();

    CHECK(world.pushed(1) == Texts{world.message(run)});
    CHECK(world.find(run).status == Status::queued);
    CHECK(world.find(run).reason == domain::Reason::none);
    CHECK(world.broker->report().refusal.empty());
}

TEST_CASE("a list that can take nothing does not hold up the others") {
    BrokerWorld world;
    world.redis.other_types = {"bad"};
    const auto bad = world.create(a_job().celery("bad").name("bad"));
    std::vector<domain::Run> waiting;
    for (int i = 0; i < 25; ++i) waiting.push_back(world.ask(bad));
    const auto run = world.ask(world.create(a_job().celery("good").name("good").number(2)));

    world.run();
    world.clock.pass(1s);
    world.run();

    CHECK(world.pushed(1) == Texts{world.message(run)});
    CHECK(world.find(waiting.back()).reason == domain::Reason::broker_away);
    CHECK(world.broker->report().waiting == 25);

    world.redis.other_types = {};
    world.clock.pass(1s);
    world.run();
    REQUIRE(world.pushed(1).size() == 26);
    for (std::size_t i = 0; i < 25; ++i) CHECK(world.pushed(1)[i + 1] == world.message(waiting[i]));
}

TEST_CASE("a broker that forbids scripts is served all the same, and the report says so") {
    BrokerWorld world;
    world.redis.forbids_scripts = true;
    const auto job = world.a_task();
    const auto first = world.ask(job), second = world.ask(job);
    world.run();
    CHECK(world.pushed(1) == Texts{world.message(first), world.message(second)});
    CHECK(world.find(second).status == Status::queued);
    CHECK(world.broker->report().forbids_scripts);
    CHECK(world.broker->report().refusal.empty());

    SUBCASE("what it has is known to the next server") {
        world.restart();
        const auto third = world.ask(job);
        world.run();
        CHECK(world.pushed(1).size() == 3);
        CHECK(world.pushed(1).back() == world.message(third));
    }
    SUBCASE("what it has lost is sent once more") {
        world.redis.lose_data();
        world.redis.connect();
        world.run();
        CHECK(world.pushed(2) == Texts{world.message(first), world.message(second)});
    }
    SUBCASE("scripts are tried again, and used when they are allowed") {
        world.redis.forbids_scripts = false;
        world.clock.pass(60s);
        const auto third = world.ask(job);
        world.run();
        CHECK(world.pushed(1).size() == 3);
        CHECK(world.pushed(1).back() == world.message(third));
        CHECK_FALSE(world.broker->report().forbids_scripts);
    }
}

TEST_CASE("without scripts a push whose answer was lost is done again, and none is lost") {
    BrokerWorld world;
    world.redis.forbids_scripts = true;
    const auto job = world.a_task();
    world.ask(job);
    world.run();
    const auto run = world.ask(job);
    world.redis.fault = [](int) { return Fault::cut_after; };
    world.run();
    world.redis.fault = {};
    world.redis.connect();
    world.run();

    CHECK(world.pushed(1) ==
          Texts{world.pushed(1).front(), world.message(run), world.message(run)});
    CHECK(world.find(run).status == Status::queued);
}

TEST_CASE("without scripts a refused batch is not hidden by the one behind it") {
    BrokerWorld world;
    world.redis.forbids_scripts = true;
    const auto job = world.a_task();
    const auto first = world.ask(job), second = world.ask(job);
    bool is_full = true;
    world.redis.fault = [&](int push) {
        return push == 1 && std::exchange(is_full, false) ? Fault::refused : Fault::none;
    };
    world.run();
    CHECK(world.pushed(1).empty());
    world.clock.pass(1s);
    world.run();

    CHECK(world.pushed(1) == Texts{world.message(first), world.message(second)});
}

TEST_CASE(
    "who may write neither scripts nor numbers is sent nothing, rather than all again and again") {
    BrokerWorld world;
    world.redis.forbids_scripts = world.redis.forbids_numbers = true;
    const auto run = world.ask(world.a_task());
    world.run();
    world.clock.pass(1s);
    world.run();

    CHECK(world.pushed(1).empty());
    CHECK(world.find(run).reason == domain::Reason::broker_away);
    CHECK(world.broker->report().refusal.find("'hset'") != std::string::npos);
}

TEST_CASE("a message that has expired is not sent, and its run says so") {
    BrokerWorld world;
    world.expires_after = 10s;
    world.redis.cut();
    const auto job = world.a_task();
    const auto early = world.ask(job);
    world.clock.pass(5s);
    const auto late = world.ask(job);
    world.run();
    world.clock.pass(5s);

    SUBCASE("while the broker is away") { world.run(); }
    SUBCASE("when it is back") {}
    world.redis.connect();
    world.run();

    CHECK(world.find(early).status == Status::missed);
    CHECK(world.find(early).reason == domain::Reason::expired);
    CHECK(world.find(early).error.find("It expired at ") == 0);
    CHECK(world.pushed(1) == Texts{world.message(late)});
    CHECK(world.broker->report().waiting == 0);
}

TEST_CASE("what may have been pushed is not called expired") {
    BrokerWorld world;
    world.expires_after = 10s;
    world.run();  // the numbers are read
    const auto run = world.ask(world.a_task());
    world.redis.fault = [asked =
                             0](int) mutable {  // the list is new: its number is asked for first
        return asked++ == 0 ? Fault::none : Fault::cut_after;
    };
    world.run();
    world.redis.fault = {};
    world.clock.pass(1h);
    world.run();
    CHECK(world.find(run).status == Status::pending);

    world.redis.connect();
    world.run();

    CHECK(world.pushed(1) == Texts{world.message(run)});
    CHECK(world.find(run).status == Status::queued);
}

TEST_CASE("what waits on disk is sent in its order, each once, without what has ended meanwhile") {
    BrokerWorld world(kSmall);
    world.redis.cut();
    const auto job = world.a_task(), other = world.create(a_job().celery("u").name("u").number(2));
    std::vector<domain::Run> runs, others;
    for (int i = 0; i < 30; ++i) runs.push_back(world.ask(job));
    for (int i = 0; i < 5; ++i) others.push_back(world.ask(other));
    for (const int i : {0, 7, 29})
        must(world.store->ask_cancel(runs[std::size_t(i)].id, false, {}));
    world.run();
    CHECK(world.broker->report().waiting == 35);

    SUBCASE("by the same server") {}
    SUBCASE("by the next one") {
        world.restart();
        CHECK(world.broker->report().waiting == 35);
    }
    SUBCASE("by one that is killed again and again") {
        for (int i = 0; i < 40; ++i) {
            world.redis.connect();
            world.redis.fault = [&, n = 0](int write) mutable {
                return write == 0 && ++n % 3 == 0 ? Fault::cut_after : Fault::none;
            };
            for (int n = 0; n < 4; ++n) world.broker->turn();
            world.redis.cut();
            world.restart();
        }
        world.redis.fault = {};
    }
    world.redis.connect();
    const auto last = world.ask(job);
    for (int i = 0; i < 3; ++i) world.run();

    Texts expected, found, others_found;
    for (std::size_t i = 0; i < 30; ++i)
        if (i != 0 && i != 7 && i != 29) expected.push_back(world.message(runs[i]));
    expected.push_back(world.message(last));
    for (const auto& push : world.redis.pushes)
        (push.list == "t" ? found : others_found).push_back(push.message);
    CHECK(found == expected);
    CHECK(others_found.size() == 5);
    CHECK(world.broker->report().waiting == 0);
    CHECK(world.find(runs[28]).status == Status::queued);
    CHECK(must(world.store->open_lists()).empty());
}

TEST_CASE("what expires on disk ends there, while the broker is away, too") {
    BrokerWorld world(kSmall);
    world.redis.cut();
    world.messages_say_when = true;
    world.expires_after = 60s;
    const auto job = world.a_task();
    std::vector<domain::Run> runs;
    for (int i = 0; i < 20; ++i) {
        runs.push_back(world.ask(job));
        world.clock.pass(1s);
    }
    world.run();
    CHECK(world.find(runs[19]).status == Status::pending);
    world.clock.pass(50s);
    world.run();
    CHECK(world.find(runs[0]).reason == domain::Reason::expired);
    CHECK(world.find(runs[10]).reason == domain::Reason::expired);
    CHECK(world.find(runs[11]).status == Status::pending);
    CHECK(world.find(runs[19]).reason == domain::Reason::broker_away);
    world.clock.pass(11s);

    SUBCASE("all of it") { world.run(); }
    SUBCASE("and before anything is sent") {}
    SUBCASE("also of an earlier server") { world.restart(); }
    world.redis.connect();
    world.run();
    for (const auto& run : runs) CHECK(world.find(run).reason == domain::Reason::expired);
    CHECK(world.pushed(1).empty());
    CHECK(world.broker->report().waiting == 0);
}

TEST_CASE("runs whose messages are on disk alone say that they wait for the broker") {
    BrokerWorld world(kSmall);
    world.redis.cut();
    const auto job = world.a_task();
    std::vector<domain::Run> runs;
    for (int i = 0; i < 12; ++i) runs.push_back(world.ask(job));
    SUBCASE("of this server") {}
    SUBCASE("of an earlier one") { world.restart(); }
    world.run();
    world.clock.pass(1s);
    world.run();
    for (const auto& run : runs) CHECK(world.find(run).reason == domain::Reason::broker_away);
}

TEST_CASE("a message on disk that cannot be read back holds up its list alone, and is named") {
    BrokerWorld world(kSmall);
    world.redis.cut();
    const auto bad = world.a_task();
    for (int i = 0; i < 12; ++i) world.ask(bad);
    const auto run = world.ask(world.create(a_job().celery("u").name("u").number(2)));
    {
        auto db = must(store::Database::open(world.path, store::Access::writer));
        must(db.script("UPDATE batches SET runs = x'00' WHERE list = 't' AND number = 9"));
    }
    world.redis.connect();
    world.run();
    CHECK(world.find(run).status == Status::queued);
    CHECK(world.broker->report().refusal.find("the list t cannot be read back") !=
          std::string::npos);
    CHECK(world.broker->report().waiting > 0);
}

// On StoreWorld's lists, which are named after the task.
const std::string kOrders =
    celery::to_text({.exchange = "orders", .routing_key = "new", .priority = 3});
constexpr auto kBinding = "_kombu.binding.orders";

TEST_CASE("a message for an exchange reaches each queue that is bound to it, at its priority") {
    BrokerWorld world;
    world.redis.sets[kBinding] = {"new\x06\x16\x06\x16orders-a", "new\x06\x16\x06\x16orders-b",
                                  "old\x06\x16\x06\x16orders-c"};
    const auto run = world.ask(world.create(a_job().celery(kOrders)));
    world.run();

    REQUIRE(world.redis.pushes.size() == 2);
    CHECK(world.redis.pushes[0].list ==
          "orders-a\x06\x16"
          "3");
    CHECK(world.redis.pushes[1].list ==
          "orders-b\x06\x16"
          "3");
    CHECK(world.redis.pushes[1].message == world.message(run));
    CHECK(world.find(run).status == Status::queued);
    world.restart();
    world.run();
    CHECK(world.redis.pushes.size() == 2);
}

TEST_CASE("an exchange to which nothing is bound cannot deliver, and holds up nobody") {
    BrokerWorld world;
    SUBCASE("by the script") {}
    SUBCASE("without scripts") { world.redis.forbids_scripts = true; }
    world.redis.forbidden_keys = {kOrders};  // a name that no ACL of key patterns covers
    const auto job = world.create(a_job().celery(kOrders));
    world.run();
    world.clock.pass(30s);
    const auto run = world.ask(job);
    world.run();

    CHECK(world.find(run).status == Status::failed);
    CHECK(world.find(run).reason == domain::Reason::undeliverable);
    CHECK(world.find(run).error.find("\"orders\"") != std::string::npos);
    CHECK(world.redis.pushes.empty());
    CHECK(world.broker->report().waiting == 0);

    world.redis.sets[kBinding] = {"new\x06\x16\x06\x16orders-a"};
    const auto next = world.ask(job);
    world.run();
    CHECK(world.pushed(1) == Texts{world.message(next)});
}

TEST_CASE("workers that come back later than we do are given a while to bind their queues") {
    BrokerWorld world;
    SUBCASE("by the script") {}
    SUBCASE("without scripts") { world.redis.forbids_scripts = true; }
    const auto orders = world.create(a_job().celery(kOrders).name("orders"));
    world.redis.sets[kBinding] = {"new\x06\x16\x06\x16orders-a"};
    world.ask(orders);
    world.run();
    world.clock.pass(1h);
    world.redis.sets.clear();
    world.redis.cut();
    world.redis.connect();  // its data were lost, and the bindings with them

    const auto run = world.ask(orders);
    const auto other = world.ask(world.create(a_job().celery("good").name("good").number(2)));
    world.run();
    world.clock.pass(29s);
    world.run();
    CHECK(world.find(run).status == Status::pending);
    CHECK(world.find(run).reason == domain::Reason::broker_away);
    CHECK(world.find(other).status == Status::queued);
    CHECK(world.broker->report().refusal.find("given 30 s") != std::string::npos);

    SUBCASE("and get what waits for them") {
        world.redis.sets[kBinding] = {"new\x06\x16\x06\x16orders-a"};
        world.clock.pass(1s);
        world.run();
        CHECK(world.pushed(1).back() == world.message(run));
        CHECK(world.broker->report().refusal.empty());
    }
    SUBCASE("and no longer") {
        world.clock.pass(2s);
        world.run();
        CHECK(world.find(run).reason == domain::Reason::undeliverable);
        CHECK(world.broker->report().refusal.empty());
    }
}

TEST_CASE(
    "what may have arrived at an exchange is not called undeliverable when nothing is bound any "
    "more") {
    BrokerWorld world;
    world.redis.sets[kBinding] = {"new\x06\x16\x06\x16orders-a"};
    world.redis.forbidden_keys = {kOrders};
    const auto orders = world.create(a_job().celery(kOrders));
    const auto run = world.ask(orders);
    world.redis.fault = [](int) { return Fault::cut_after; };
    world.run();  // the numbers
    world.redis.connect();
    world.redis.fault = [n = 0](int push) mutable {
        return push == 0 && ++n == 3 ? Fault::cut_after : Fault::none;  // the push
    };
    world.run();
    REQUIRE(world.pushed(1).size() == 1);
    world.redis.fault = {};
    world.redis.sets.clear();
    world.redis.connect();
    world.run();
    world.clock.pass(1min);
    world.run();

    CHECK(world.find(run).status == Status::queued);
    CHECK(world.pushed(1).size() == 1);
}

TEST_CASE("exchanges that feed several queues hold up nobody where scripts are forbidden") {
    BrokerWorld world;
    world.redis.forbids_scripts = true;
    world.redis.sets[kBinding] = {"new\x06\x16\x06\x16orders-a", "new\x06\x16\x06\x16orders-b"};
    std::vector<domain::Run> waiting;
    for (int i = 0; i < 25; ++i) {
        const std::string address = celery::to_text(
            {.exchange = "orders", .routing_key = "new", .priority = i % 10 * 10 + i / 10});
        waiting.push_back(world.ask(world.create(
            a_job().celery(address).name("orders " + std::to_string(i)).number(i + 2))));
    }
    const auto run = world.ask(world.create(a_job().celery("good").name("good").number(90)));
    world.run();

    CHECK(world.pushed(1) == Texts{world.message(run)});
    CHECK(world.broker->report().refusal ==
          "the exchange \"orders\" feeds several queues, which needs scripts (EVAL, EVALSHA), and "
          "Redis forbids them; allow them for this user, or name a queue in target.queue");

    world.redis.forbids_scripts = false;
    world.clock.pass(60s);
    world.run();
    CHECK(world.pushed(1).size() == 51);
}

TEST_CASE("without scripts, too, data that are lost without a word of the connection are noticed") {
    BrokerWorld world;
    world.redis.forbids_scripts = true;
    const auto job = world.a_task();
    const auto first = world.ask(job), second = world.ask(job);
    world.run();
    world.redis.flush();

    const auto third = world.ask(job);
    world.run();

    // The third may have been there before the flush, for all we know.
    CHECK(world.pushed(2) == Texts{world.message(third), world.message(third), world.message(first),
                                   world.message(second)});
    CHECK(world.find(first).notes.find("sent once more") != std::string::npos);
    CHECK(world.find(third).status == Status::queued);
}

TEST_CASE("an exchange that the broker does not tell of holds up nobody") {
    BrokerWorld world;
    world.redis.forbids_sets = true;
    SUBCASE("by the script") {}
    SUBCASE("without scripts") { world.redis.forbids_scripts = true; }
    world.redis.sets[kBinding] = {"new\x06\x16\x06\x16orders-a"};
    const auto orders = world.create(a_job().celery(kOrders).name("orders"));
    std::vector<domain::Run> waiting;
    for (int i = 0; i < 25; ++i) waiting.push_back(world.ask(orders));
    const auto run = world.ask(world.create(a_job().celery("good").name("good").number(2)));
    world.run();

    CHECK(world.pushed(1) == Texts{world.message(run)});
    CHECK(world.find(waiting[0]).status == Status::pending);
    CHECK(world.broker->report().refusal.find("'smembers'") != std::string::npos);
    CHECK(world.broker->report().refusal.find("the exchange orders") != std::string::npos);

    world.redis.forbids_sets = false;
    world.clock.pass(1s);
    world.run();
    CHECK(world.pushed(1).size() == 26);
    CHECK(world.broker->report().refusal.empty());
}

}  // namespace
}  // namespace cjv::dispatch
