-- Locks the stock of the items of a checkout's holds.
SELECT s.partner, s.item_id, coalesce(s.reported, s.total) AS total, s.held, s.sold, s.per_buyer_max
FROM stock s WHERE (s.partner, s.item_id) IN (SELECT partner, item_id FROM holds WHERE checkout = $1)
ORDER BY s.partner, s.item_id FOR NO KEY UPDATE
