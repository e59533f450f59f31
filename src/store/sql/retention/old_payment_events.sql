-- Deletes a slice of webhooks that were settled 90 days ago.
DELETE FROM payment_events WHERE (processor, event_id) IN (
    SELECT processor, event_id FROM payment_events WHERE settled_at < now() - interval '90 days'
    ORDER BY settled_at LIMIT $1 FOR UPDATE SKIP LOCKED)
