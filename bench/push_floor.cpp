// The floor under tasks that are due together: plain hiredis, with commands that were built before. It sleeps until the
// instant, writes them, and waits for the last reply. Prints a JSON array: milliseconds from the instant until that
// reply was there, and the microseconds of CPU that it took.
//
// usage: push_floor PORT FILE COMMANDS INSTANT   (what to write, and how many commands it is; Unix time in seconds)

#include <fmt/core.h>
#include <hiredis/hiredis.h>

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

namespace {

double read_clock(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) return 2;
    std::ifstream file(argv[2], std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const int commands = std::atoi(argv[3]);
    const double instant = std::atof(argv[4]);
    redisContext* context = redisConnect("127.0.0.1", std::atoi(argv[1]));
    if (!file || !context || context->err) return 1;
    if (redisAppendFormattedCommand(context, bytes.data(), bytes.size()) != REDIS_OK) return 1;

    if (read_clock(CLOCK_REALTIME) > instant) {
        fmt::print(stderr, "push_floor: the instant had gone before {} was read\n", argv[2]);
        return 1;
    }
    const timespec when{std::time_t(instant), long(std::fmod(instant, 1) * 1e9)};
    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &when, nullptr);
    const double before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < commands; ++i) {
        void* reply = nullptr;
        if (redisGetReply(context, &reply) != REDIS_OK ||
            static_cast<redisReply*>(reply)->type != REDIS_REPLY_INTEGER) {
            fmt::print(stderr, "push_floor: reply {} of {} is no length of a list\n", i + 1,
                       commands);
            return 1;
        }
        freeReplyObject(reply);
    }
    const double late = read_clock(CLOCK_REALTIME) - instant;
    const double cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID) - before;
    redisFree(context);
    fmt::print("[{:.3f},{:.1f}]\n", late * 1e3, cpu * 1e6);
}
