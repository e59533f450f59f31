-- Deletes what was stored of held runs that can no longer be applied.
DELETE FROM feed_held_staged WHERE run = ANY ($1)
