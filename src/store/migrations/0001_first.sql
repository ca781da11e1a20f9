-- The first schema. Instants are microseconds since the epoch, UTC; run ids are the 16 bytes of
-- domain/run_id.h, which sort by time; statuses, reasons and triggers are the words of domain/run.h.

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value
) WITHOUT ROWID;

CREATE TABLE users (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    username       TEXT NOT NULL UNIQUE,
    first_name     TEXT NOT NULL,
    last_name      TEXT NOT NULL,
    email          TEXT NOT NULL,
    is_active      INTEGER NOT NULL,
    is_staff       INTEGER NOT NULL,
    is_superuser   INTEGER NOT NULL,
    password       TEXT NOT NULL,             -- Argon2id; empty: cannot sign in
    one_time_until INTEGER,                   -- a one-time password is valid until then
    created_at     INTEGER NOT NULL
);

CREATE TABLE sessions (
    hash         BLOB PRIMARY KEY,            -- of the cookie's secret
    user         INTEGER NOT NULL,
    csrf         TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE jobs (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    id             BLOB NOT NULL UNIQUE,
    name           TEXT NOT NULL,
    description    TEXT NOT NULL,
    kind           TEXT NOT NULL,
    task           TEXT NOT NULL,
    target         TEXT NOT NULL,             -- JSON object
    schedule       TEXT NOT NULL,             -- as typed; empty: by hand only
    schedule_type  TEXT NOT NULL,
    timezone       TEXT NOT NULL,
    day_match      TEXT NOT NULL,
    anchor         INTEGER NOT NULL,
    is_active      INTEGER NOT NULL,
    priority       INTEGER NOT NULL,
    tags           TEXT NOT NULL,             -- JSON array
    custom_fields  TEXT NOT NULL,             -- JSON object
    misfire        TEXT NOT NULL,
    misfire_window INTEGER NOT NULL,          -- seconds
    misfire_limit  INTEGER NOT NULL,
    overlap        TEXT NOT NULL,
    grace          INTEGER NOT NULL,          -- seconds
    timeout        INTEGER,                   -- seconds
    owner          INTEGER NOT NULL,          -- 0: the system
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    deleted_at     INTEGER                    -- its runs stay until retention, and need its name
);
CREATE UNIQUE INDEX jobs_by_name ON jobs (name) WHERE deleted_at IS NULL;

-- The hot part of a job, apart from its definition: each decision rewrites a short row.
CREATE TABLE cursors (
    job           INTEGER PRIMARY KEY,
    next_slot     INTEGER,                    -- the next slot without a decision
    decided_until INTEGER NOT NULL,           -- never decreases
    last_run_at   INTEGER,
    last_status   TEXT,                       -- of the newest final run, which is:
    last_final    BLOB,
    run_count     INTEGER NOT NULL            -- a lifetime's
);

-- No second unique index: a slot's id is a function of job and slot, so the key says it all.
CREATE TABLE runs (
    id               BLOB PRIMARY KEY,
    job              INTEGER NOT NULL,
    slot             INTEGER,                 -- nothing: asked for
    trigger          TEXT NOT NULL,
    status           TEXT NOT NULL,
    reason           TEXT NOT NULL,
    decided_at       INTEGER NOT NULL,
    queued_at        INTEGER,
    received_at      INTEGER,
    started_at       INTEGER,
    ended_at         INTEGER,                 -- set exactly when the status is final
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    late             INTEGER NOT NULL DEFAULT 0,
    attempt          INTEGER NOT NULL DEFAULT 1,
    worker           TEXT,
    pid              INTEGER,
    pid_start        INTEGER,
    boot_id          TEXT,
    exit_code        INTEGER,
    error            TEXT,
    traceback        TEXT,
    result           TEXT,
    output_size      INTEGER NOT NULL DEFAULT 0,
    output_cut       INTEGER NOT NULL DEFAULT 0,
    overrides        TEXT,                    -- JSON object
    notes            TEXT,                    -- JSON array of sentences
    asked_by         INTEGER,
    rerun_of         BLOB
) WITHOUT ROWID;
-- A job's history, and what is going on. Two indexes, because a new run then enters a tree of a few
-- pages; it moves over, into the large one, when it ends.
CREATE INDEX runs_final ON runs (job) WHERE ended_at IS NOT NULL;
CREATE INDEX runs_open ON runs (job) WHERE ended_at IS NULL;

-- Ranges of slots that did not run. A range lies within one UTC day.
CREATE TABLE skips (
    id         BLOB PRIMARY KEY,              -- the slot id of its first slot
    job        INTEGER NOT NULL,
    first_slot INTEGER NOT NULL,
    last_slot  INTEGER NOT NULL,
    slots      INTEGER NOT NULL,
    status     TEXT NOT NULL,
    reason     TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX skips_by_job ON skips (job);

CREATE TABLE outputs (
    run    BLOB NOT NULL,
    chunk  INTEGER NOT NULL,                  -- 1, 2, 3 … by arrival
    stream INTEGER NOT NULL,                  -- 1 stdout, 2 stderr
    at     INTEGER NOT NULL,                  -- when its first byte came
    offset INTEGER NOT NULL,                  -- among all bytes of the run; a gap: what was cut
    size   INTEGER NOT NULL,                  -- bytes before compression
    bytes  BLOB NOT NULL,                     -- zstd
    PRIMARY KEY (run, chunk)
) WITHOUT ROWID;

-- Final runs that are kept, by the hour in which they ended; job 0 is all of them. Changed in the same
-- transaction as the runs, so that it always equals a recount.
CREATE TABLE hourly (
    job         INTEGER NOT NULL,
    hour        INTEGER NOT NULL,             -- hours since the epoch
    success     INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    other       INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,             -- of those that started
    durations   INTEGER NOT NULL,             -- how many did
    PRIMARY KEY (job, hour)
) WITHOUT ROWID;
