-- Holds the raw hashes of live rows that the feed did not repeat.
CREATE TEMP TABLE feed_absent (LIKE feed_absent)
