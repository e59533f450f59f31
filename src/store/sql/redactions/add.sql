-- A partner that no delivery tells of a redaction.
INSERT INTO redaction_notices (event, order_id, partner, reason) VALUES ($1, $2, $3, $4)
