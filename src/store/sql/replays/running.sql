-- The jobs that have work to do.
SELECT id FROM replays WHERE status = 'running' ORDER BY id
