-- A new partner, unless the slug is taken.
INSERT INTO partners (id, slug, name, adapter, settings) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (slug) DO NOTHING RETURNING created_at
