-- Locks one partner until the commit, so that decisions based on it still hold then.
SELECT id, slug, name, adapter, settings, sealed_settings, contact_allowed, callback, created_at, suspended_at, version FROM partners WHERE slug = $1
FOR NO KEY UPDATE
