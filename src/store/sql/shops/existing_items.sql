-- Finds which of these ids the partner's catalog has: a shop must not list other items.
SELECT p.item_id FROM products p WHERE p.partner = $1 AND p.item_id = ANY($2) AND p.removed_at IS NULL
