-- Locks posts that are due to change. Posts locked elsewhere are skipped.
SELECT id FROM posts WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
