-- The target of the baseline: the columns of products, unlogged like a run's tables.
CREATE UNLOGGED TABLE bench_bare (LIKE feed_contents)
