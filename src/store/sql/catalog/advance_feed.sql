-- The catalog has another version, and so many live products.
UPDATE feeds SET version = version + 1, live = live + $2, updated_at = now() WHERE partner = $1
