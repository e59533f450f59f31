-- Closes a redaction notice; repeating it changes nothing.
UPDATE redaction_notices SET closed_at = coalesce(closed_at, now()) WHERE event = $1 RETURNING order_id
