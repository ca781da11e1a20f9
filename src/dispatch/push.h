#pragma once
// What is said to Redis about batches, and what its answers mean. Pure. A script there keeps, in the hash of
// numbers, the newest batch of each list that was pushed, and pushes only what follows it.

#include "net/resp.h"
#include "store/batch.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cjv::dispatch {

// Where an installation's numbers are: field `<installation>:<list>` of the hash `key`.
struct PushedNumbers {
    std::string key;  // "cjv:pushed", with the transport's prefix
    std::string installation;

    std::string field(const std::string& list) const { return installation + ":" + list; }
};

// The lists to which a batch goes whose own is none: an exchange. Empty: nothing is bound there, and its number alone
// is compared.
using Lists = std::map<std::string, std::vector<std::string>, std::less<>>;

// The script that pushes. Made by the first call, for which OpenSSL has to wake up: a millisecond and more.
const net::Script& push_script();

// The push of `batches`, which must be in the order of their numbers. One that finds less in the hash than it
// asks for is refused: the batch before it in the same commands, or what `confirmed` says of its list. `is_recalled`
// tells of the runs whose messages are left out.
net::Commands push_commands(std::span<const store::BatchPtr> batches, const PushedNumbers& numbers,
                            const std::function<std::int64_t(const std::string&)>& confirmed,
                            const std::function<bool(const RunId&)>& is_recalled,
                            const Lists& exchanges = {});

// For a broker that forbids scripts: the messages of each batch in one command, whatever the hash says.
net::Commands plain_commands(std::span<const store::BatchPtr> batches, const PushedNumbers& numbers,
                             const std::function<bool(const RunId&)>& is_recalled,
                             const Lists& exchanges = {});
// Writes how far lists are, in one command, and no more than one number a list.
net::Commands number_writes(std::span<const store::ListNumbers> lists,
                            const PushedNumbers& numbers);

enum class Pushed : std::uint8_t {
    taken,    // now
    before,   // it was there already
    behind,   // what must be there before it is not there
    refused,  // see refusal_of()
};
Pushed read_pushed(const net::Reply& reply);
// Why a batch was not taken, as a sentence; empty: it was.
std::string refusal_of(const net::Reply& reply);

// Asks how far these lists are.
net::Commands number_commands(std::span<const store::ListNumbers> lists,
                              const PushedNumbers& numbers);
// The numbers, in the order of the lists, 0 for what is not there. Nothing: it is no such answer.
std::optional<std::vector<std::int64_t>> read_numbers(const net::Reply& reply, std::size_t lists);

}  // namespace cjv::dispatch
