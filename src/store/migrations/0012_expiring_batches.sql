-- When the first and the last message of a batch expire that does; so that what waits on disk can end there. Of batches
-- from before nobody knows.
ALTER TABLE batches ADD COLUMN first_expires INTEGER;
ALTER TABLE batches ADD COLUMN last_expires INTEGER;
UPDATE batches SET first_expires = 0, last_expires = 9223372036854775807;
CREATE INDEX batches_expiring ON batches (list, first_expires) WHERE first_expires IS NOT NULL;
