-- The counted items of a partner, by id.
SELECT item_id, kind, total, reported, held, sold, per_buyer_max, updated_at FROM stock
WHERE partner = $1 AND item_id > $2 ORDER BY item_id LIMIT $3
