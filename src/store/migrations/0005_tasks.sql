-- Tasks that others sent to the workers, and tries of a run that had more than one.

ALTER TABLE runs ADD COLUMN task TEXT;     -- of an observed run; of others the job says it
ALTER TABLE runs ADD COLUMN task_id TEXT;  -- of an observed run; of others the id says it

-- Which observed run a task is. Filled in the order of the ids, some hundred at once: they are random.
CREATE TABLE task_ids (
    task_id TEXT PRIMARY KEY,
    run     BLOB NOT NULL
) WITHOUT ROWID;

-- Of runs that were tried once there is none.
CREATE TABLE attempts (
    run         BLOB NOT NULL,
    n           INTEGER NOT NULL,          -- 1, 2, 3 …
    received_at INTEGER,
    started_at  INTEGER,
    ended_at    INTEGER,
    status      TEXT NOT NULL,
    worker      TEXT,
    error       TEXT,
    PRIMARY KEY (run, n)
) WITHOUT ROWID;
