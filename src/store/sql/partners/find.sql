-- One partner, to be shown.
SELECT id, slug, name, adapter, settings, sealed_settings, contact_allowed, callback, created_at FROM partners WHERE slug = $1
