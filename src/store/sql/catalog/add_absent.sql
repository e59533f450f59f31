-- Hashes that were not seen.
INSERT INTO feed_absent SELECT unnest($1::bytea[])
