-- A newer run has changed the catalog: what was held was compared with another one.
UPDATE feed_runs SET status = 'superseded', base_version = NULL
WHERE partner = $1 AND status = 'held' AND id <> $2
RETURNING id
