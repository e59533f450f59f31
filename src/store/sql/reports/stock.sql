-- Saves stock levels, unless a newer one is known. Sorted, so that two callbacks never lock in opposite orders.
INSERT INTO stock_reports (partner, item_id, quantity, at)
SELECT $1, s.item_id, s.quantity, $4
FROM unnest($2::text[], $3::bigint[]) AS s (item_id, quantity)
ORDER BY s.item_id
ON CONFLICT (partner, item_id) DO UPDATE SET quantity = excluded.quantity, at = excluded.at
WHERE stock_reports.at <= excluded.at
RETURNING item_id, quantity
