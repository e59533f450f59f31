-- A partner by name.
SELECT id FROM partners WHERE slug = $1
