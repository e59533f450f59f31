-- Explains why an open delivery is not being sent. Derived as the picker derives it, never stored.
SELECT CASE
    WHEN n.suspended_at IS NOT NULL THEN 'suspended'
    WHEN p.status = 'disabled' THEN 'disabled'
    WHEN d.sequence > 1 AND EXISTS (
        SELECT FROM events earlier
        JOIN deliveries open ON open.endpoint = d.endpoint AND open.event = earlier.id
        WHERE earlier.order_id = d.order_id AND earlier.partner = d.partner AND earlier.sequence < d.sequence
    ) THEN 'earlier_event'
    WHEN p.circuit <> 'closed' THEN 'circuit'
    WHEN d.due_at > now() THEN 'time'
    WHEN p.rate_per_second IS NOT NULL THEN 'rate'
END AS waiting_for
FROM deliveries d JOIN endpoints p ON p.id = d.endpoint JOIN partners n ON n.id = p.partner
WHERE d.id = $1
