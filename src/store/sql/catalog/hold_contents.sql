-- Kept until somebody decides: what changed items say. What new ones say comes by COPY.
INSERT INTO feed_held_contents SELECT c.*, $1 FROM feed_contents c
