#pragma once
// What must never be sent: values that kill a worker's whole process, that a worker drops without a
// trace, or that nobody can ever run. Workers do not protect themselves (tests/golden/celery,
// malformed_message_outcomes.json), so the sender has to.

#include "base/error.h"
#include "base/json_tape.h"
#include "celery/task_message.h"
#include "celery/transport.h"

#include <vector>

namespace cjv::celery {

// Everything that is wrong with `message`, with the names of its fields as paths: "args",
// "headers.task", "time_limit". Empty: every worker from 5.2 to 5.7 takes the message. For a job that
// is only being saved, `id` and `delivery_tag` may be any text that is not empty.
std::vector<FieldError> refusals(const TaskMessage& message, const Transport& transport);
// The same, reading with a tape of the caller's.
std::vector<FieldError> refusals(const TaskMessage& message, const Transport& transport,
                                 json::Tape& tape);

}  // namespace cjv::celery
