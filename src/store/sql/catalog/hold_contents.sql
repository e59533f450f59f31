-- Stores the contents of a held run's changed items until it is approved or discarded. Those of new items come by
-- COPY.
INSERT INTO feed_held_contents SELECT c.*, $1 FROM feed_contents c
