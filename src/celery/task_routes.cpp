#include "celery/task_routes.h"

#include <algorithm>

namespace cjv::celery {

const std::string& TaskRoutes::queue_of(std::string_view task) const {
    const auto rule = std::ranges::find_if(
        rules, [&](const Rule& each) { return matches_glob(each.task, task); });
    return rule == rules.end() ? default_queue : rule->queue;
}

bool matches_glob(std::string_view glob, std::string_view text) {
    // Where the newest star is, and how much of the text it has taken: on a mismatch it takes one more.
    std::size_t at = 0, star = glob.npos, taken = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (at < glob.size() && glob[at] == '*') {
            star = at++;
            taken = i;
        } else if (at < glob.size() && (glob[at] == '?' || glob[at] == text[i])) {
            ++at;
            ++i;
        } else if (star != glob.npos) {
            at = star + 1;
            i = ++taken;
        } else {
            return false;
        }
    }
    while (at < glob.size() && glob[at] == '*') ++at;
    return at == glob.size();
}

}  // namespace cjv::celery
