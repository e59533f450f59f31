-- The raw hashes of a partner's live rows, 16 bytes each, in one value: rows would cost ten times as much.
SELECT coalesce(string_agg(raw_hash, ''::bytea), ''::bytea) AS hashes
FROM products WHERE partner = $1 AND raw_hash IS NOT NULL
