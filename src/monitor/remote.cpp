#include "monitor/remote.h"

#include <algorithm>
#include <thread>

#include "base/id.h"

namespace cjv::monitor {
namespace {

using namespace std::chrono_literals;

// From one look for answers to the next: most come soon, and who waits for late ones waits a fifth longer.
constexpr auto kLook = 20ms;
constexpr auto kLaterLook = 100ms;
constexpr std::size_t kAnswersAtOnce = 32;  // where there was one

std::string random_id(const std::function<void(std::span<std::uint8_t>)>& random) {
    Uuid id;
    random(id.bytes);
    id.bytes[6] = std::uint8_t((id.bytes[6] & 0x0FU) | 0x40U);  // version 4
    id.bytes[8] = std::uint8_t((id.bytes[8] & 0x3FU) | 0x80U);
    return to_text(id);
}

}  // namespace

Remote::Remote(net::Redis& redis, celery::Transport transport, const Clock& clock,
               std::function<void(std::span<std::uint8_t>)> random)
    : redis_(redis),
      transport_(std::move(transport)),
      clock_(clock),
      random_(std::move(random)),
      reply_to_(random_id(random_)),
      replies_(celery::queue_key(transport_, celery::reply_queue(transport_, reply_to_), 0)) {}

std::string Remote::new_id() { return random_id(random_); }

Result<void> Remote::write(const net::Commands& commands) {
    const net::Answer answer = redis_.ask(commands);
    if (!answer) return std::unexpected(answer.error().error);
    if (const auto trouble = answer->trouble(); trouble != net::Trouble::none)
        return fail(Errc::unavailable, std::string(net::advice_on(trouble)));
    return {};
}

Result<void> Remote::tell(const celery::ControlCommand& command,
                          std::vector<std::string> destination) {
    const std::string text = celery::encode(
        {.command = command, .destination = std::move(destination), .delivery_tag = new_id()},
        transport_);
    return write(net::Commands{"PUBLISH", celery::control_channel(transport_), text});
}

Result<Remote::Answers> Remote::ask(std::span<const celery::ControlCommand> commands,
                                    const std::vector<std::string>& destination,
                                    std::chrono::milliseconds patience) {
    // The binding first, each time: Kombu 5.7 may have swept it away.
    const celery::ReplyBinding binding = celery::reply_binding(transport_, reply_to_);
    net::Commands written;
    for (const std::string& key : binding.keys) written.add({"SADD", key, binding.member});
    std::vector<std::string> tickets;
    for (const celery::ControlCommand& command : commands) {
        tickets.push_back(new_id());
        written.add({"PUBLISH", celery::control_channel(transport_),
                     celery::encode({.command = command,
                                     .destination = destination,
                                     .ticket = tickets.back(),
                                     .reply_to = reply_to_,
                                     .delivery_tag = new_id()},
                                    transport_)});
    }
    {
        const std::scoped_lock lock(mutex_);
        for (const std::string& ticket : tickets) answers_[ticket];
    }
    Result<void> going = write(written);
    celery::ReplyReader reader;
    const Steady since = clock_.steady(), until = since + patience;
    Answers answers(tickets.size());
    while (going) {
        going = collect(reader);
        const Steady now = clock_.steady();
        if (now >= until || have_all(tickets, destination.size())) break;
        std::this_thread::sleep_for(std::min<Steady::duration>(
            until - now, std::clamp<Steady::duration>((now - since) / 5, kLook, kLaterLook)));
    }
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < tickets.size(); ++i) {
        answers[i] = std::move(answers_[tickets[i]]);
        answers_.erase(tickets[i]);
    }
    if (!going) return std::unexpected(going.error());
    return answers;
}

bool Remote::have_all(std::span<const std::string> tickets, std::size_t workers) {
    const std::scoped_lock lock(mutex_);
    return workers > 0 && std::ranges::all_of(tickets, [&](const std::string& ticket) {
               return answers_[ticket].size() >= workers;
           });
}

// What has come by now goes to whoever waits for it; what nobody waits for came too late.
Result<void> Remote::collect(celery::ReplyReader& reader) {
    for (std::size_t most = 1;; most = kAnswersAtOnce) {
        net::Commands commands;
        for (std::size_t i = 0; i < most; ++i) commands.add({"RPOP", replies_});
        const net::Answer answer = redis_.ask(commands);
        if (!answer) return std::unexpected(answer.error().error);
        if (const auto trouble = answer->trouble(); trouble != net::Trouble::none)
            return fail(Errc::unavailable, std::string(net::advice_on(trouble)));
        const std::scoped_lock lock(mutex_);
        for (std::size_t i = 0; i < answer->size(); ++i) {
            if (!(*answer)[i].is(net::ReplyType::text)) return {};
            auto replies = reader.read((*answer)[i].text());
            if (!replies) continue;  // anyone may push there
            for (celery::ControlReply& reply : *replies)
                if (const auto at = answers_.find(reply.ticket); at != answers_.end())
                    at->second.push_back(std::move(reply));
        }
    }
}

void Remote::leave() {
    const celery::ReplyBinding binding = celery::reply_binding(transport_, reply_to_);
    net::Commands commands{"DEL", replies_};
    for (const std::string& key : binding.keys) commands.add({"SREM", key, binding.member});
    (void)redis_.ask(
        std::move(commands));  // Redis may be away; its answers expire with nobody reading
}

}  // namespace cjv::monitor
