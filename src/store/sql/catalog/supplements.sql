-- Reads the supplement of these items.
SELECT item_id, fields FROM feed_supplements WHERE partner = $1 AND item_id = ANY ($2)
