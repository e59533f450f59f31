-- Stores an issued key; only its hash is kept.
INSERT INTO api_keys (id, hash, role, partner, label) VALUES ($1, $2, $3, $4, $5) RETURNING created_at
