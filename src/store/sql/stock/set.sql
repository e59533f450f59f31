-- Sets an item's stock as its partner says, but never below what is held and sold.
INSERT INTO stock AS s (partner, item_id, kind, set_by, total, per_buyer_max)
VALUES ($1, $2, CASE WHEN $3::bigint IS NULL THEN 'unlimited' ELSE 'counter' END, 'request', $3, $4)
ON CONFLICT (partner, item_id) DO UPDATE SET kind = excluded.kind, set_by = 'request',
    total = greatest(excluded.total, CASE WHEN excluded.total IS NOT NULL THEN s.held + s.sold END),
    reported = CASE WHEN excluded.total < s.held + s.sold THEN excluded.total END,
    per_buyer_max = excluded.per_buyer_max, updated_at = now()
RETURNING item_id, kind, total, reported, held, sold, per_buyer_max, updated_at
