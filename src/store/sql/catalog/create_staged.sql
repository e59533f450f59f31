-- Holds what a run has read, for as long as its session lasts.
CREATE TEMP TABLE feed_staged (LIKE feed_staged)
