-- Creates the table for write checks. Each commit empties it, so that every check allocates new space. It is
-- temporary, so that no session waits for it and nothing is logged.
CREATE TEMP TABLE IF NOT EXISTS write_check (LIKE public.write_check) ON COMMIT DELETE ROWS
