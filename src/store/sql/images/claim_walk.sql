-- Claims the catalog to walk next: one that changed since its last walk or whose walk has not ended, longest waiting
-- first. A running feed goes first.
UPDATE image_walks w SET target = coalesce(w.target, f.updated_at), scanned_at = clock_timestamp()
FROM feeds f WHERE f.partner = w.partner AND w.partner = (
    SELECT next.partner FROM image_walks next JOIN feeds f ON f.partner = next.partner
    WHERE (next.target IS NOT NULL OR f.updated_at > next.since)
        AND NOT EXISTS (SELECT FROM feed_runs r WHERE r.partner = next.partner AND r.status = 'running')
    ORDER BY next.scanned_at LIMIT 1 FOR UPDATE OF next SKIP LOCKED)
RETURNING w.partner, w.after
