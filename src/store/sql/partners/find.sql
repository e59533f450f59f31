-- Reads one partner.
SELECT id, slug, name, adapter, settings, sealed_settings, contact_allowed, callback, created_at, suspended_at, version FROM partners WHERE slug = $1
