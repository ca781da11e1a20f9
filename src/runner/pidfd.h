#pragma once
// A process by a descriptor that means it and no other, whatever becomes of its number. Readable when the
// process has ended.

#include "runner/fd.h"
#include "runner/process_table.h"

namespace cjv::runner {

// Empty, with errno set, where there is no such process or no more descriptors.
Fd open_pidfd(pid_t pid);
// Of a process read a while ago; empty when it is gone, even if its number has another owner by now.
// `unavailable` when there are no more descriptors.
Result<Fd> open_pidfd(const ProcessEntry& entry);

// Nothing happens when it has ended.
void send_signal(const Fd& pidfd, int signal);

}  // namespace cjv::runner
