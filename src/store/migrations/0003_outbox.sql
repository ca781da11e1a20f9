-- Messages for a broker. A batch is deleted when the broker has it; its number is never used again, so that
-- the broker can tell a batch that is sent twice. The numbers stand in a row of their own, because the
-- batches that are left say nothing of them.
CREATE TABLE lists (
    list      TEXT PRIMARY KEY,
    next      INTEGER NOT NULL,   -- the number of the next batch: 1, 2, 3 …
    confirmed INTEGER NOT NULL    -- of the newest batch that the broker has; 0: none yet
) WITHOUT ROWID;

CREATE TABLE batches (
    list     TEXT NOT NULL,
    number   INTEGER NOT NULL,
    messages BLOB NOT NULL,       -- for each: run (16 bytes) and length (4, big-endian); then all of them
    count    INTEGER NOT NULL,
    PRIMARY KEY (list, number)
) WITHOUT ROWID;
