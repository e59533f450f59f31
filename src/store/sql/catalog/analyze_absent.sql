-- Gives the planner statistics: a temporary table has none, and the plans depend on its size.
ANALYZE feed_absent
