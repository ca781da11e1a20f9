#pragma once
// What an error reply of Redis means for us: whether to wait and say so, or whether the command itself
// is wrong. Pure. Redis names the kind in the first word.

#include <cstdint>
#include <string_view>

namespace cjv::net {

enum class Trouble : std::uint8_t {
    none,               // it is no error
    loading,            // LOADING: started, and reads its data
    read_only,          // READONLY: a replica, or one that is being failed over
    out_of_memory,      // OOM: maxmemory is reached and nothing may be evicted
    cannot_persist,     // MISCONF: its last save failed, so it takes no writes
    not_authenticated,  // NOAUTH: it wants a password
    wrong_password,     // WRONGPASS, or a refused AUTH of older servers
    no_permission,      // NOPERM: the user's ACL forbids the command, key or channel
    busy,               // BUSY: a script of somebody runs and runs
    master_down,        // MASTERDOWN: a replica without its master
    no_replicas,        // NOREPLICAS: fewer replicas than min-replicas-to-write
    too_many_clients,   // its maxclients is reached
    protected_mode,     // DENIED: takes no strangers without a password
    is_cluster,         // MOVED, ASK, CLUSTERDOWN, CROSSSLOT: a cluster, which we do not speak
    no_script,          // NOSCRIPT: forgot the script in between; the next batch brings it again
    wrong_type,         // WRONGTYPE: the key holds something else
    other,              // anything else: the command is wrong, or the server is not Redis
};

// `error` is the reply without its '-'. Errors that a script or a transaction passes on count as
// what they are.
Trouble trouble_of(std::string_view error);

// True where the same command may be taken later without a change by us: the caller keeps what it has,
// tries again, and says what advice_on() says. Nothing was done by a command that was refused so.
bool may_pass(Trouble trouble);

// One sentence for people: what is wrong and what to do. Empty for `none`.
std::string_view advice_on(Trouble trouble);

// True where the server takes no scripts from us at all, by an ACL or because EVAL has another name there. What
// only a command within a script was refused is not meant.
bool forbids_scripts(std::string_view error);

}  // namespace cjv::net
