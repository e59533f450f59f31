-- Lists the endpoints of one partner, oldest first. Their number is limited.
SELECT * FROM shown_endpoints WHERE slug = $1 ORDER BY id
