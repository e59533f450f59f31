-- Whether items must be looked up in a supplement at all.
SELECT EXISTS (SELECT FROM feed_supplements WHERE partner = $1) AS has
