-- What a run finds across its items.
CREATE TEMP TABLE feed_conflicts (LIKE feed_conflicts)
