-- The messages of a batch are compressed: they are much alike. And batches are in rows of their own: a table WITHOUT
-- ROWID compares a row by all of its bytes, so that finding one batch read others from end to end.

ALTER TABLE batches RENAME TO keyed_batches;
CREATE TABLE batches (
    id       INTEGER PRIMARY KEY,   -- means nothing
    list     TEXT NOT NULL,
    number   INTEGER NOT NULL,
    runs     BLOB NOT NULL,         -- for each message: run (16 bytes) and length (4, big-endian)
    size     INTEGER,               -- of all messages together, in bytes; null: they are not compressed
    messages BLOB NOT NULL,         -- one after the other; zstd
    UNIQUE (list, number)
);
INSERT INTO batches (list, number, runs, messages)
    SELECT list, number, substr(messages, 1, 20 * count), substr(messages, 20 * count + 1)
    FROM keyed_batches ORDER BY list, number;
DROP TABLE keyed_batches;
