-- Holds a run's conflicts.
CREATE TEMP TABLE feed_conflicts (LIKE feed_conflicts)
