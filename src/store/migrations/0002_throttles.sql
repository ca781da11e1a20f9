-- Failed sign-ins that a restart must not forget. Who tried, and from where, is only hashed: what is typed into
-- the field of a name may be a password.

CREATE TABLE throttles (
    key      BLOB PRIMARY KEY,                -- SHA-256 of network and account
    failures INTEGER NOT NULL,                -- in a row
    next     INTEGER NOT NULL                 -- no try before it
) WITHOUT ROWID;
CREATE INDEX throttles_by_next ON throttles (next);
