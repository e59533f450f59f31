-- Locks the stock of items, in one order. Rows that another transaction has locked are not waited for. Of a suspended
-- partner nothing is left.
SELECT s.partner, s.item_id, s.held, s.sold, s.per_buyer_max,
    CASE WHEN o.suspended_at IS NULL THEN coalesce(s.reported, s.total) ELSE s.held + s.sold END AS total
FROM stock s JOIN unnest($1::uuid[], $2::text[]) AS wanted (partner, item_id) USING (partner, item_id)
JOIN partners o ON o.id = s.partner
ORDER BY s.partner, s.item_id FOR NO KEY UPDATE OF s SKIP LOCKED
