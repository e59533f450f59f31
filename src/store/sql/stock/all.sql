-- Lists the counted items of all partners or one, by partner and item, after a cursor.
SELECT p.slug, s.item_id, s.kind, s.total, s.reported, s.held, s.sold, s.per_buyer_max, s.updated_at
FROM stock s JOIN partners p ON p.id = s.partner
WHERE ($1::uuid IS NULL OR s.partner = $1)
    AND ($2::text IS NULL OR (s.partner, s.item_id) > ((SELECT c.id FROM partners c WHERE c.slug = $2), $3))
ORDER BY s.partner, s.item_id LIMIT $4
