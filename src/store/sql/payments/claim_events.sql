-- Claims webhooks that are not applied yet, for so many seconds.
UPDATE payment_events SET due_at = now() + make_interval(secs => $2), attempts = attempts + 1
WHERE (processor, event_id) IN (
    SELECT processor, event_id FROM payment_events WHERE status = 'pending' AND due_at <= now()
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
RETURNING processor, event_id, type, checkout, session_id, payment_id, refund_id, attempts, received_at
