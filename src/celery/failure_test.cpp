#include "celery/failure.h"

#include <doctest/doctest.h>

namespace cjv::celery {

TEST_CASE("a failure's class is read from the repr of its exception") {
    CHECK(read_failure("ValueError('boom')", "") ==
          Failure{.kind = FailureKind::exception, .type = "ValueError"});
    CHECK(read_failure("NotRegistered('erp.unknown')", "") ==
          Failure{FailureKind::not_registered, "NotRegistered", "erp.unknown"});
    CHECK(read_failure("SoftTimeLimitExceeded(1,)", "").kind == FailureKind::soft_time_limit);
    CHECK(read_failure("TimeLimitExceeded(5)", "").kind == FailureKind::time_limit);
    CHECK(
        read_failure("WorkerLostError('Worker exited prematurely: signal 9 (SIGKILL) Job: 3.')", "")
            .kind == FailureKind::worker_lost);
    CHECK(read_failure("reject requeue=False: no", "").kind == FailureKind::rejected);
    CHECK(read_failure("<unprintable>", "").type.empty());
    CHECK(read_failure("", "").kind == FailureKind::exception);
}

TEST_CASE("a killed process is known by the end of the traceback") {
    constexpr const char* kTraceback =
        "Traceback (most recent call last):\n"
        "  File \"/usr/lib/python3/site-packages/billiard/pool.py\", line 684, in on_hard_timeout\n"
        "    raise TimeLimitExceeded(job._timeout)\n"
        "billiard.einfo.ExceptionWithTraceback: \n"
        "\"\"\"\n"
        "Traceback (most recent call last):\n"
        "  File \"/usr/lib/python3/site-packages/billiard/pool.py\", line 684, in on_hard_timeout\n"
        "    raise TimeLimitExceeded(job._timeout)\n"
        "billiard.exceptions.TimeLimitExceeded: TimeLimitExceeded(1,)\n"
        "\"\"\"\n";
    CHECK(read_failure("ExceptionWithTraceback()", kTraceback) ==
          Failure{.kind = FailureKind::time_limit, .type = "TimeLimitExceeded"});
    CHECK(read_failure("ExceptionWithTraceback()",
                       "billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9")
              .kind == FailureKind::worker_lost);
    CHECK(read_failure("ExceptionWithTraceback()", "").type.empty());
}

}  // namespace cjv::celery
