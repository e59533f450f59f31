-- As for what they have read.
DELETE FROM feed_held_plan WHERE run = ANY ($1)
