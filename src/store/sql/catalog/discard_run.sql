-- Discards a held run.
UPDATE feed_runs SET status = 'discarded', base_version = NULL, finished_at = now()
WHERE id = $1 AND status = 'held'
RETURNING id
