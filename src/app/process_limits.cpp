#include "app/process_limits.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>

namespace cjv::app {

void limit_this_process() {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    umask(077);
    // A dozen threads would each keep an arena of their own; two serve as well in a third of the memory.
    mallopt(M_ARENA_MAX, 2);
}

std::int64_t files_needed(std::int64_t connections, std::int64_t concurrency) {
    return connections + 5 * concurrency + 64;
}

std::int64_t connections_with_room(std::int64_t connections, std::int64_t concurrency,
                                   std::int64_t files) {
    const std::int64_t room = files - files_needed(0, concurrency);
    return std::clamp<std::int64_t>(room, 1, connections);
}

std::int64_t raise_open_files(std::int64_t wanted) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    const rlim_t raised = std::min<rlim_t>(rlim_t(wanted), limit.rlim_max);
    if (limit.rlim_cur < raised) {
        const rlimit more{raised, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &more) == 0) limit.rlim_cur = raised;
    }
    return std::int64_t(std::min<rlim_t>(limit.rlim_cur, INT64_MAX));
}

}  // namespace cjv::app
