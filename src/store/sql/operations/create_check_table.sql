-- Where the session checks that there is room on the disk: emptied at each commit, so that the check takes new room each
-- time. Of the session's own, so that nobody waits for it and nothing is logged.
CREATE TEMP TABLE IF NOT EXISTS write_check (LIKE public.write_check) ON COMMIT DELETE ROWS
