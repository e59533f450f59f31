-- Somebody has told the partner; a second time changes nothing.
UPDATE redaction_notices SET told_at = coalesce(told_at, now()) WHERE event = $1 RETURNING order_id
