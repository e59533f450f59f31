-- Reads one endpoint of one partner.
SELECT s.*, e.version FROM shown_endpoints s JOIN endpoints e ON e.id = s.id WHERE s.slug = $1 AND s.id = $2
