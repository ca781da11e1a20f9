-- The runs that repeat a run. Few do: the index has those alone.
CREATE INDEX runs_again ON runs (rerun_of) WHERE rerun_of IS NOT NULL;
