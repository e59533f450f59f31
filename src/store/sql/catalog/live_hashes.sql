-- Reads the raw hashes of a partner's live rows as one value, 16 bytes each: rows would cost ten times as much.
SELECT coalesce(string_agg(raw_hash, ''::bytea), ''::bytea) AS hashes
FROM products WHERE partner = $1 AND raw_hash IS NOT NULL
