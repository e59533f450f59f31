-- Lists partners by slug.
SELECT id, slug, name, adapter, settings, sealed_settings, contact_allowed, callback, created_at, suspended_at, version FROM partners
WHERE ($1::text IS NULL OR slug > $1) ORDER BY slug LIMIT $2
