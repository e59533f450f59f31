-- Raises the version that the owner watches, because the keys changed.
UPDATE endpoints SET version = version + 1, updated_at = now() WHERE id = $1
