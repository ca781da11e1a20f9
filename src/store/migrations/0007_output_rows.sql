-- Output in rows of their own. A table WITHOUT ROWID compares a row by all of its bytes, so that looking up one of a
-- run's chunks read, from the pages they overflow to, many others; here the index has the key alone.

ALTER TABLE outputs RENAME TO keyed_outputs;
CREATE TABLE outputs (
    number INTEGER PRIMARY KEY,               -- means nothing
    run    BLOB NOT NULL,
    chunk  INTEGER NOT NULL,                  -- 1, 2, 3 … by arrival
    stream INTEGER NOT NULL,                  -- 1 stdout, 2 stderr
    at     INTEGER NOT NULL,                  -- when its first byte came
    offset INTEGER NOT NULL,                  -- among all bytes of the run; a gap: what was cut
    size   INTEGER NOT NULL,                  -- bytes before compression
    bytes  BLOB NOT NULL,                     -- zstd
    UNIQUE (run, chunk)
);
INSERT INTO outputs (run, chunk, stream, at, offset, size, bytes)
    SELECT run, chunk, stream, at, offset, size, bytes FROM keyed_outputs ORDER BY run, chunk;
DROP TABLE keyed_outputs;
