#pragma once
// What the process forbids itself before it does anything: gaining rights, and leaving memory on disk. And
// how many files it may have open.

#include <cstdint>

namespace cjv::app {

// For this process and all that it starts: no new privileges (so no set-user-id program works in a job), no
// core dumps. Files that it makes are its own alone.
void limit_this_process();

// Descriptors that a full house needs: one a connection, five a local run (its pipes, its pidfd, and the socket it may wait at), and 64
// for the database, the threads and the rest.
std::int64_t files_needed(std::int64_t connections, std::int64_t concurrency);
// How many of `connections` (1 or more) have room within `files`; at least one.
std::int64_t connections_with_room(std::int64_t connections, std::int64_t concurrency,
                                   std::int64_t files);
// Raises the soft limit of open files to `wanted`, or to the hard limit where that is lower; never lowers
// it. Returns the soft limit as it is then. No further than wanted: commands inherit it, since
// posix_spawn(3) cannot set limits, and old programs walk through all descriptors that they may have.
std::int64_t raise_open_files(std::int64_t wanted);

}  // namespace cjv::app
