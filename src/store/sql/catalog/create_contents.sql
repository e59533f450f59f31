-- What changed items of a run say.
CREATE TEMP TABLE feed_contents (LIKE feed_contents)
