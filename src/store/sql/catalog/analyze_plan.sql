-- As for what was read: what is applied must be joined in the order in which it was read.
ANALYZE feed_plan
