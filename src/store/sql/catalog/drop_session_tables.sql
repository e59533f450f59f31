-- Drops what an earlier run has left in this session.
DROP TABLE IF EXISTS pg_temp.feed_staged, pg_temp.feed_contents, pg_temp.feed_absent, pg_temp.feed_conflicts, pg_temp.feed_plan
