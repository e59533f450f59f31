-- Adds a partner, unless the slug is taken.
INSERT INTO partners (id, slug, name, adapter, settings, sealed_settings) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (slug) DO NOTHING RETURNING created_at
