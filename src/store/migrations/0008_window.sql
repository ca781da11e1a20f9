-- The time in which a job has slots at all.

ALTER TABLE jobs ADD COLUMN start_at INTEGER;  -- the first instant that may be a slot; null: since ever
ALTER TABLE jobs ADD COLUMN end_at INTEGER;    -- the first that may not be one any more; null: for ever
