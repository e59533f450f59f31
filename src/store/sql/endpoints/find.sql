-- Reads one endpoint of one partner.
SELECT * FROM shown_endpoints WHERE slug = $1 AND id = $2
