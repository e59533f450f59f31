-- The products of locked items that do not show yet whether they are sold out.
SELECT p.id AS product, p.item, p.blocked, p.missing_runs, p.removed_at, p.image_refused,
    coalesce(s.total <= s.held + s.sold, false) AS sold_out
FROM stock s JOIN unnest($1::uuid[], $2::text[]) AS locked (partner, item_id) USING (partner, item_id)
    JOIN products p USING (partner, item_id)
WHERE p.sold_out <> coalesce(s.total <= s.held + s.sold, false)
ORDER BY p.partner, p.item_id FOR NO KEY UPDATE OF p
