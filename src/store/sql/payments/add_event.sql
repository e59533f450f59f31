-- Stores a verified webhook. A copy changes nothing.
INSERT INTO payment_events (processor, event_id, type, checkout, session_id, payment_id, refund_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (processor, event_id) DO NOTHING
