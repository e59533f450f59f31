-- Checks whether items need a supplement lookup at all.
SELECT EXISTS (SELECT FROM feed_supplements WHERE partner = $1) AS has
