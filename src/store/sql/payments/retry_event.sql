-- Makes a webhook due again after so many seconds.
UPDATE payment_events SET due_at = now() + make_interval(secs => $3) WHERE processor = $1 AND event_id = $2
