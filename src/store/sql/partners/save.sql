-- Saves a partner and raises the version that the owners of its endpoints' shards watch.
UPDATE partners SET name = $2, adapter = $3, settings = $4, contact_allowed = $5, callback = $6, sealed_settings = $7,
    suspended_at = CASE WHEN $8 THEN coalesce(suspended_at, now()) END,
    version = version + 1, updated_at = now()
WHERE id = $1
