-- One partner, held until the commit: what is decided from it must still be true then.
SELECT id, slug, name, adapter, settings, sealed_settings, contact_allowed, callback, created_at FROM partners WHERE slug = $1
FOR NO KEY UPDATE
