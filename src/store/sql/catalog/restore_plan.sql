-- The plan of a held run, as it was reported.
INSERT INTO feed_plan SELECT action, product, n, repriced, gained, lost FROM feed_held_plan WHERE run = $1
