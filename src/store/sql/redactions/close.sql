-- Somebody has told the partner; a second time changes nothing.
UPDATE redaction_notices SET closed_at = coalesce(closed_at, now()) WHERE event = $1 RETURNING order_id
