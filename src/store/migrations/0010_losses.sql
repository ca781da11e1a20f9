-- What the broker lost while the database refused to change some of the runs in it: they are tried again. Of that list
-- it had the batches up to `had`, of those up to `confirmed` that it once had.
CREATE TABLE losses (
    list      TEXT NOT NULL,
    had       INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (list, had, confirmed)
) WITHOUT ROWID;
