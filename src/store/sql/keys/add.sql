-- Stores an issued key; only its hash is kept.
INSERT INTO api_keys (id, hash, role, partner, label, expires_at, requests_per_second, request_burst)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING created_at, expires_at
