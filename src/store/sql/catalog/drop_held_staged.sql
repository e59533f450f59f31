-- Nobody will decide about these runs any more.
DELETE FROM feed_held_staged WHERE run = ANY ($1)
