-- Runs that the broker has, where the database refused to record it: each mark is tried again, by the next start, too.
CREATE TABLE sent_marks (
    run    BLOB NOT NULL PRIMARY KEY,
    list   TEXT NOT NULL,
    number INTEGER NOT NULL,   -- of its batch
    at     INTEGER NOT NULL    -- when it was sent
) WITHOUT ROWID;
