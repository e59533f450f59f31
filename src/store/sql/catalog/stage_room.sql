-- A run sorts and joins a whole catalog: a million ids need about so much, and without it all of them are written out.
SELECT set_config('work_mem', '64MB', false)
