-- What a run would do.
CREATE TEMP TABLE feed_plan (LIKE feed_plan INCLUDING DEFAULTS)
