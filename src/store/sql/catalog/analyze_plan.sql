-- Gives the planner statistics, so that rows are applied in the order in which they were read.
ANALYZE feed_plan
