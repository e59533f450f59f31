-- As for what was read.
ANALYZE feed_absent
