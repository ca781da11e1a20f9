#pragma once
// The part of a job's JSON that only an edit can change, kept as text: pages of jobs are asked far more
// often than jobs are edited.

#include "domain/job.h"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace cjv::web {

// Any thread.
class JobTexts {
public:
    using Text = std::shared_ptr<const std::string>;

    // The members of the definition, from `id` to `version`, without brackets around them. The text is kept
    // for the newest kMost jobs that were asked for, about 1.2 KiB each.
    Text definition(const std::shared_ptr<const domain::Job>& job);

    static constexpr std::size_t kMost = 2'000;

private:
    struct Kept {
        std::shared_ptr<const domain::Job> job;  // an edit makes another one
        Text text;
    };
    std::mutex mutex_;
    std::unordered_map<Uuid, Kept> kept_;
};

}  // namespace cjv::web
