-- Adds a redaction notice for a partner that no delivery informs.
INSERT INTO redaction_notices (event, order_id, partner, reason) VALUES ($1, $2, $3, $4)
