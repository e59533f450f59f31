-- What a partner's words come to now.
INSERT INTO order_reports (order_id, partner, facts, report) VALUES ($1, $2, $3, $4)
ON CONFLICT (order_id, partner) DO UPDATE
SET facts = excluded.facts, report = excluded.report, changed_at = now()
