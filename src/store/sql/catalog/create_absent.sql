-- Live rows that a run does not find in its feed, by their raw hashes.
CREATE TEMP TABLE feed_absent (LIKE feed_absent)
