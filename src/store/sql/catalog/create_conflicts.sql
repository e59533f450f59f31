-- What a run finds across its items.
CREATE TEMP TABLE feed_doubts (LIKE feed_doubts)
