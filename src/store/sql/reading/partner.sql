-- Finds a partner by slug.
SELECT id FROM partners WHERE slug = $1
