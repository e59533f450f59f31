-- A temporary table is known to the planner only by its size: joined to posts by guess, a million rows are read for
-- each post.
ANALYZE feed_plan
