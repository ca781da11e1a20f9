-- What a job with fixed times does where the clock skips them, and where they come twice.

ALTER TABLE jobs ADD COLUMN dst_gap TEXT NOT NULL DEFAULT 'after_gap';   -- after_gap, skip
ALTER TABLE jobs ADD COLUMN dst_fold TEXT NOT NULL DEFAULT 'first';      -- first, both, second
