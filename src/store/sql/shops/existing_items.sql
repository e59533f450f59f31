-- Which of these ids a partner's catalog has: a shop of others would be an empty promise.
SELECT p.item_id FROM products p WHERE p.partner = $1 AND p.item_id = ANY($2) AND p.removed_at IS NULL
