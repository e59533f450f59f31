-- Raises the catalog's version and updates its count of live products.
UPDATE feeds SET version = version + 1, live = live + $2, updated_at = now() WHERE partner = $1
