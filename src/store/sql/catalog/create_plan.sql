-- Holds what a run would do to each product.
CREATE TEMP TABLE feed_plan (LIKE feed_plan INCLUDING DEFAULTS)
