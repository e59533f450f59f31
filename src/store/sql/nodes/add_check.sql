-- Stores the sealed check value of a new database. If several nodes start together, one of them wins.
INSERT INTO master_key_check (sealed) VALUES ($1) ON CONFLICT DO NOTHING
