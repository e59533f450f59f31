-- Lists the running jobs.
SELECT id FROM replays WHERE status = 'running' ORDER BY id
