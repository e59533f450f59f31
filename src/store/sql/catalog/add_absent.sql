-- Adds hashes of live rows that the feed did not repeat.
INSERT INTO feed_absent SELECT unnest($1::bytea[])
