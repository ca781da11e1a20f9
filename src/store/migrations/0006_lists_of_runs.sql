-- Which batch of which list of the broker carried a run's message, from the broker's word that it has it. So that
-- what a broker which lost its data had is known, and can be sent once more.

ALTER TABLE runs ADD COLUMN list TEXT;
ALTER TABLE runs ADD COLUMN batch INTEGER;
