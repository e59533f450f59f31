-- Stores a held run's plan until it is approved or discarded.
INSERT INTO feed_held_plan SELECT p.*, $1 FROM feed_plan p WHERE p.action <> 'same'
