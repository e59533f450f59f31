-- Holds the contents of items that a run changes.
CREATE TEMP TABLE feed_contents (LIKE feed_contents)
