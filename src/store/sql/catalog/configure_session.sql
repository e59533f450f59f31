-- A run sorts and joins a whole catalog: a million ids need about so much, and without it all of them are written out.
-- The plans hang on how many rows there are, which a small sample tells.
SELECT set_config('work_mem', '64MB', false), set_config('default_statistics_target', '10', false)
