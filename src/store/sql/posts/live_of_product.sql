-- Finds the newest live post of a product: where a permalink leads.
SELECT slug FROM posts WHERE product = $1 AND state = 'live' ORDER BY id DESC LIMIT 1
