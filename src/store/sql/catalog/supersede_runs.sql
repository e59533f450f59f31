-- Supersedes held runs: a newer run has changed the catalog they were compared with.
UPDATE feed_runs SET status = 'superseded', base_version = NULL
WHERE partner = $1 AND status = 'held' AND id <> $2
RETURNING id
