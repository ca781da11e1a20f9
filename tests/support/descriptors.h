#pragma once
// A system that has no more file descriptors to give.

#include <sys/resource.h>

namespace cjv::support {

// While it lives nothing can be opened; what is open stays so.
class NoDescriptors {
public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;

private:
    rlimit before_{};
};

}  // namespace cjv::support
