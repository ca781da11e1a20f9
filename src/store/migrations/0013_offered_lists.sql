-- The newest batch that may have been pushed when the first start began that has not met the broker since; setting
-- `unmet_starts` says that there is one. What is newer was not pushed by us: if the broker has its number, another has.
ALTER TABLE lists ADD COLUMN offered INTEGER NOT NULL DEFAULT 0;
