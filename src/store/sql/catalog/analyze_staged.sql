-- A temporary table is not analysed by itself, and the plans depend on its size.
ANALYZE feed_staged
