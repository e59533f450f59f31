-- Hashes that were not seen.
INSERT INTO feed_unseen SELECT unnest($1::bytea[])
