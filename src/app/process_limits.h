#pragma once
// What the process forbids itself before it does anything: gaining rights, and leaving memory on disk.

namespace cjv::app {

// For this process and all that it starts: no new privileges (so no set-user-id program works in a job), no
// core dumps. Files that it makes are its own alone.
void limit_this_process();

}  // namespace cjv::app
