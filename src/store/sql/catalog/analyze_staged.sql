-- Gives the planner statistics: autovacuum does not analyze temporary tables, and the plans depend on their size.
ANALYZE feed_staged
