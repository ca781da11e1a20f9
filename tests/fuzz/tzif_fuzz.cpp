// Any bytes as a zone file: refused, or a zone whose spans hold together.

#include "schedule/cron.h"
#include "schedule/zone.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cjv::schedule;
    using std::chrono::seconds;
    const auto zone =
        Zone::read("Some/Where", std::string_view(reinterpret_cast<const char*>(data), size));
    if (!zone) return 0;

    static const auto daily = Cron::parse("30 2 * * *").value();
    static const auto dense = Cron::parse("*/20 * 29 2 *").value();
    for (const std::int64_t at :
         {-62'135'596'800LL, -1LL, 0LL, 1'795'000'000LL, 99'000'000'000LL}) {
        const std::chrono::sys_seconds from{seconds{at}};
        const auto span = (*zone)->span_at(from);
        if (from < span.from || from >= span.until) std::abort();
        for (const auto* cron : {&daily, &dense}) {
            const auto first = first_at_or_after(*cron, **zone, from);
            if (first && *first < from) std::abort();
        }
        (void)(*zone)->local_midnight(from);
    }
    return 0;
}
