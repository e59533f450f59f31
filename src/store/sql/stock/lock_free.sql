-- Locks the stock of items, in one order. Rows that another transaction has locked are not waited for.
SELECT s.partner, s.item_id, coalesce(s.reported, s.total) AS total, s.held, s.sold, s.per_buyer_max
FROM stock s JOIN unnest($1::uuid[], $2::text[]) AS wanted (partner, item_id) USING (partner, item_id)
ORDER BY s.partner, s.item_id FOR NO KEY UPDATE OF s SKIP LOCKED
