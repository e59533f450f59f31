-- Nobody will decide about these runs any more.
DELETE FROM feed_held_contents WHERE run = ANY ($1)
