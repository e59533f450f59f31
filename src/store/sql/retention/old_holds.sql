-- Deletes a slice of holds that ended 30 days ago. Sold ones stay: they count for what one buyer may have.
DELETE FROM holds WHERE id IN (
    SELECT id FROM holds WHERE state IN ('released', 'expired') AND updated_at < now() - interval '30 days'
    ORDER BY updated_at LIMIT $1 FOR UPDATE SKIP LOCKED)
