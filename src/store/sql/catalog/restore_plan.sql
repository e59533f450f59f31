-- Loads a held run's plan as it was reported.
INSERT INTO feed_plan (action, product, n, repriced, jumped, stopped, moved, renamed, reassigned, gained, lost)
SELECT action, product, n, repriced, jumped, stopped, moved, renamed, reassigned, gained, lost
FROM feed_held_plan WHERE run = $1
