-- Records how a callback ended.
UPDATE callbacks
SET state = $2, detail = $3, order_id = $4, content = $5, due_at = NULL, settled_at = now()
WHERE id = $1
