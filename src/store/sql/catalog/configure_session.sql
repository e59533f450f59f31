-- Tunes the session of a run, which sorts and joins a whole catalog: a million ids need about this much memory, or
-- all of them spill to disk. The plans depend on row counts, for which a small sample is enough.
SELECT set_config('work_mem', '64MB', false), set_config('default_statistics_target', '10', false)
