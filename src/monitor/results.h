#pragma once
// Reads results from Celery's Redis backend, many keys at once.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "celery/task_result.h"
#include "net/redis.h"
#include "store/task_news.h"

namespace cjv::monitor {

class Results {
public:
    // `prefix` is `global_keyprefix` of Celery's `result_backend_transport_options`. Both must outlive it.
    Results(net::Redis& redis, std::string prefix) : redis_(redis), prefix_(std::move(prefix)) {}

    bool is_there() const { return redis_.state().is_ready(); }

    // What is stored under these tasks, in their order; of a task without a result nothing is in it. Waits for the
    // reply. Not on the io thread.
    Result<std::vector<celery::ReadResult>> read(std::span<const std::string> task_ids);

    // Asks for the results of this news and hands it on with what came, as the texts that are stored; on failure
    // without any. `then` is called once, on the io thread, and must be quick.
    using Texts = std::vector<std::string>;  // empty: there is no result
    void fetch(std::vector<store::TaskNews> news,
               std::function<void(std::vector<store::TaskNews>, Texts)> then);

private:
    net::Commands get(std::size_t count,
                      const std::function<std::string_view(std::size_t)>& id) const;
    static Texts texts_of(const net::Answer& answer);

    net::Redis& redis_;
    const std::string prefix_;
};

}  // namespace cjv::monitor
