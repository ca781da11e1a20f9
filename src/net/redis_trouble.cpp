#include "net/redis_trouble.h"

#include <string>

namespace cjv::net {
namespace {

struct Row {
    std::string_view begins;
    Trouble trouble;
};

// What Redis 5 to 8 send, valkey as well. A word of its own comes with its space.
constexpr Row kRows[] = {
    {"LOADING ", Trouble::loading},
    {"READONLY ", Trouble::read_only},
    {"OOM ", Trouble::out_of_memory},
    {"MISCONF ", Trouble::cannot_persist},
    {"NOAUTH ", Trouble::not_authenticated},
    {"WRONGPASS ", Trouble::wrong_password},
    {"ERR invalid password", Trouble::wrong_password},
    {"ERR Client sent AUTH, but no password is set", Trouble::wrong_password},
    {"ERR AUTH <password> called without any password configured", Trouble::wrong_password},
    {"NOPERM ", Trouble::no_permission},
    {"ERR The user executing the script can't", Trouble::no_permission},
    {"ERR ACL failure in script", Trouble::no_permission},
    {"BUSY ", Trouble::busy},
    {"MASTERDOWN ", Trouble::master_down},
    {"NOREPLICAS ", Trouble::no_replicas},
    {"ERR max number of clients", Trouble::too_many_clients},
    {"DENIED ", Trouble::protected_mode},
    {"MOVED ", Trouble::is_cluster},
    {"ASK ", Trouble::is_cluster},
    {"CLUSTERDOWN ", Trouble::is_cluster},
    {"CROSSSLOT ", Trouble::is_cluster},
    {"TRYAGAIN ", Trouble::is_cluster},
    {"NOSCRIPT ", Trouble::no_script},
    {"WRONGTYPE ", Trouble::wrong_type},
};

Trouble by_beginning(std::string_view error) {
    for (const Row& row : kRows)
        if (error.starts_with(row.begins)) return row.trouble;
    return Trouble::other;
}

}  // namespace

Trouble trouble_of(std::string_view error) {
    if (const Trouble found = by_beginning(error); found != Trouble::other) return found;
    // Redis before 7 wraps what a script met: "ERR Error running script (call to f_1): @user_script:1:
    // @user_script: 1: -OOM command not allowed …", and all of them what ended a transaction:
    // "EXECABORT Transaction discarded because of: OOM …".
    if (error.starts_with("ERR Error running script")) {
        if (const auto at = error.find(": -"); at != error.npos)
            return by_beginning(error.substr(at + 3));
    }
    constexpr std::string_view kAborted = "EXECABORT Transaction discarded because of: ";
    if (error.starts_with(kAborted)) return by_beginning(error.substr(kAborted.size()));
    return Trouble::other;
}

bool may_pass(Trouble trouble) {
    switch (trouble) {
        case Trouble::loading:
        case Trouble::read_only:
        case Trouble::out_of_memory:
        case Trouble::cannot_persist:
        case Trouble::not_authenticated:
        case Trouble::wrong_password:
        case Trouble::no_permission:
        case Trouble::busy:
        case Trouble::master_down:
        case Trouble::no_replicas:
        case Trouble::too_many_clients:
        case Trouble::protected_mode:
        case Trouble::is_cluster:
        case Trouble::no_script: return true;
        case Trouble::none:
        case Trouble::wrong_type:
        case Trouble::other: return false;
    }
    return false;
}

std::string_view advice_on(Trouble trouble) {
    switch (trouble) {
        case Trouble::none: return "";
        case Trouble::loading: return "Redis is reading its data from disk; it will be ready soon";
        case Trouble::read_only:
            return "Redis takes no writes because it is a replica; point the URL at the master";
        case Trouble::out_of_memory:
            return "Redis has reached maxmemory; free memory there or raise the limit";
        case Trouble::cannot_persist:
            return "Redis takes no writes because its last save to disk failed; see its log";
        case Trouble::not_authenticated:
            return "Redis wants a password; put it into the URL: redis://:PASSWORD@host";
        case Trouble::wrong_password:
            return "Redis refuses the user or the password; correct them in the URL";
        case Trouble::no_permission:
            return "the ACL of the Redis user forbids this; allow the command, key and channel "
                   "there";
        case Trouble::busy:
            return "Redis is busy with a long script; it can be ended with SCRIPT KILL";
        case Trouble::master_down: return "this Redis replica has lost its master";
        case Trouble::no_replicas:
            return "Redis takes no writes because too few replicas are there "
                   "(min-replicas-to-write)";
        case Trouble::too_many_clients:
            return "Redis has reached maxclients; close other clients or raise the limit";
        case Trouble::protected_mode:
            return "Redis is in protected mode; give it a password, or bind it to an address of "
                   "ours";
        case Trouble::is_cluster:
            return "this is a Redis Cluster, which Celery and we cannot use as a broker";
        case Trouble::no_script: return "Redis forgot our script; it is sent again";
        case Trouble::wrong_type:
            return "a key that we use holds something else; is the database shared?";
        case Trouble::other: return "Redis refused a command; see the error";
    }
    return "";
}

// "NOPERM User celery has no permissions to run the 'eval' command" (Redis 7), "NOPERM this user has no permissions
// to run the 'evalsha' command or its subcommand" (6), "ERR unknown command 'EVAL', with args …" (5: with `).
bool forbids_scripts(std::string_view error) {
    constexpr std::string_view kUnknown = "ERR unknown command ";
    std::string_view command;
    if (error.starts_with(kUnknown)) {
        command = error.substr(kUnknown.size());
    } else if (error.starts_with("NOPERM ")) {
        const auto quote = error.find("run the '");
        if (quote == error.npos) return false;
        command = error.substr(quote + std::string_view("run the ").size());
    }
    if (command.size() < 2 || (command[0] != '\'' && command[0] != '`')) return false;
    command.remove_prefix(1);
    std::string name(command.substr(0, command.find_first_of("'`")));
    for (char& letter : name)
        if (letter >= 'A' && letter <= 'Z') letter = char(letter - 'A' + 'a');
    return name == "eval" || name == "evalsha";
}

}  // namespace cjv::net
