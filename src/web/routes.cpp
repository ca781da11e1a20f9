// Every address, the least right that one needs there, and where it is served: inline_ for board and
// memory alone, on the io thread; pooled for a reader with SQL; changing for who hands a promise to the
// writer; hashing for Argon2; asking for who waits for the fleet's answers; stream for answers that go on. A last column decides by the query.
#include "web/api/auth.h"
#include "web/api/events.h"
#include "web/api/health.h"
#include "web/api/jobs.h"
#include "web/api/logs.h"
#include "web/api/output.h"
#include "web/api/queues.h"
#include "web/api/rerun.h"
#include "web/api/root.h"
#include "web/api/schedules.h"
#include "web/api/statistics.h"
#include "web/api/users.h"
#include "web/api/workers.h"
#include "web/route.h"

namespace cjv::web {
namespace {

using enum Method;
using enum Served;
using domain::Right;

// clang-format off
constexpr Route kRoutes[] = {
    {get,     "/api/",                              Right::view,       inline_,  list_collections},

    {get,     "/api/cron-jobs/",                    Right::view,       inline_,  list_jobs, list_jobs_served},
    {post,    "/api/cron-jobs/",                    Right::change,     changing, create_job},
    {get,     "/api/cron-jobs/{id}/",               Right::view,       pooled,   show_job, show_job_served},
    {put,     "/api/cron-jobs/{id}/",               Right::change,     changing, replace_job},
    {patch,   "/api/cron-jobs/{id}/",               Right::change,     changing, update_job},
    {delete_, "/api/cron-jobs/{id}/",               Right::change,     changing, delete_job},
    {post,    "/api/cron-jobs/{id}/run_now/",       Right::change,     changing, run_now},
    {post,    "/api/cron-jobs/{id}/update_status/", Right::change,     changing, update_status},
    {get,     "/api/cron-jobs/{id}/next_runs/",     Right::view,       pooled,   next_runs},
    {get,     "/api/cron-jobs/statistics/",         Right::view,       inline_,  statistics, statistics_served},
    {get,     "/api/cron-jobs/upcoming/",           Right::view,       pooled,   upcoming},
    {post,    "/api/schedules/preview/",            Right::view,       pooled,   preview_schedule},

    {get,     "/api/cron-job-logs/",                Right::view,       pooled,   list_logs},
    {get,     "/api/cron-job-logs/{id}/",           Right::view,       pooled,   show_log},
    {get,     "/api/cron-job-logs/{id}/output/",    Right::view,       stream,   show_output, show_output_served},
    {post,    "/api/cron-job-logs/{id}/cancel/",    Right::change,     changing, cancel_log},
    {post,    "/api/cron-job-logs/{id}/rerun/",     Right::change,     changing, rerun_log},

    {get,     "/api/workers/",                      Right::view,       inline_,  list_workers},
    {get,     "/api/workers/{name}/",               Right::view,       asking,   show_worker},
    {post,    "/api/workers/{name}/ping/",          Right::view,       asking,   control_worker},
    {post,    "/api/workers/{name}/pool_grow/",     Right::administer, asking,   control_worker},
    {post,    "/api/workers/{name}/pool_shrink/",   Right::administer, asking,   control_worker},
    {post,    "/api/workers/{name}/autoscale/",     Right::administer, asking,   control_worker},
    {post,    "/api/workers/{name}/rate_limit/",    Right::administer, asking,   control_worker},
    {post,    "/api/workers/{name}/time_limit/",    Right::administer, asking,   control_worker},
    {post,    "/api/workers/{name}/add_consumer/",  Right::administer, asking,   control_worker},
    {post,    "/api/workers/{name}/cancel_consumer/", Right::administer, asking, control_worker},
    {post,    "/api/workers/{name}/shutdown/",      Right::administer, asking,   control_worker},
    {post,    "/api/workers/revoke/",               Right::administer, asking,   revoke_task},
    {get,     "/api/tasks/",                        Right::view,       inline_,  list_tasks},
    {get,     "/api/queues/",                       Right::view,       asking,   list_queues},
    {get,     "/api/queues/{name}/messages/",       Right::view,       asking,   list_messages},

    {get,     "/api/events/",                       Right::view,       stream,   follow_events},
    {get,     "/api/health/",                       Right::view,       inline_,  show_health},
    {get,     "/livez",                             Right::anyone,     inline_,  livez},
    {get,     "/readyz",                            Right::anyone,     inline_,  readyz},

    {get,     "/api/auth/login/",                   Right::anyone,     inline_,  prepare_login},
    {post,    "/api/auth/login/",                   Right::anyone,     hashing,  log_in},
    {post,    "/api/auth/logout/",                  Right::signed_in,  changing, log_out},
    {get,     "/api/auth/me/",                      Right::signed_in,  inline_,  show_me},
    {post,    "/api/auth/password/",                Right::signed_in,  hashing,  change_password},

    {get,     "/api/users/",                        Right::administer, inline_,  list_users},
    {post,    "/api/users/",                        Right::administer, hashing,  create_user},
    {post,    "/api/users/{id}/password/",          Right::administer, hashing,  set_user_password},
};
// clang-format on

}  // namespace

std::span<const Route> routes() { return kRoutes; }

}  // namespace cjv::web
