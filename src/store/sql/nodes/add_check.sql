-- The first node of a database leaves a known value, sealed. Of several that start together one does.
INSERT INTO master_key_check (sealed) VALUES ($1) ON CONFLICT DO NOTHING
