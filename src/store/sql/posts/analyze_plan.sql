-- Gives the planner statistics: it only knows the size of a temporary table, and a wrong guess reads a million rows
-- for each post.
ANALYZE feed_plan
