-- Saves a partner's report of an order.
INSERT INTO order_reports (order_id, partner, state, report) VALUES ($1, $2, $3, $4)
ON CONFLICT (order_id, partner) DO UPDATE
SET state = excluded.state, report = excluded.report, updated_at = now()
