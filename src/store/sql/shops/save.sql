-- Saves a shop; an omitted list stays.
INSERT INTO shops (partner, enabled, items) VALUES ($1, $2, coalesce($3::text[], '{}'))
ON CONFLICT (partner) DO UPDATE
SET enabled = excluded.enabled, items = coalesce($3::text[], shops.items), updated_at = now()
RETURNING enabled, items, updated_at
