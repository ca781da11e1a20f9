#pragma once
// The value of a Result that has to have one.

#include <stdexcept>
#include <utility>

#include "base/error.h"

namespace cjv::support {

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().what);
    return *std::move(result);
}
inline void must(const Result<void>& result) {
    if (!result) throw std::runtime_error(result.error().what);
}

}  // namespace cjv::support
