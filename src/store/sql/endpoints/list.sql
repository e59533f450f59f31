-- Lists the endpoints of one partner, oldest first. Their number is limited.
SELECT s.*, e.version FROM shown_endpoints s JOIN endpoints e ON e.id = s.id WHERE s.slug = $1 ORDER BY s.id
