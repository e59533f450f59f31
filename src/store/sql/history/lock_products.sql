-- Locks the products of items whose stock has changed, so that their history is added to by one transaction at a time.
SELECT p.id FROM products p JOIN unnest($1::uuid[], $2::text[]) AS changed (partner, item_id) USING (partner, item_id)
ORDER BY p.id FOR NO KEY UPDATE OF p
