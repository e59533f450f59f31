-- A webhook is applied, or given up as unmatched.
UPDATE payment_events SET status = $3, settled_at = now() WHERE processor = $1 AND event_id = $2
