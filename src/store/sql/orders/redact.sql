-- Removes the buyer from an order. The content hash stays, so that a repeated order is still recognised.
UPDATE orders SET body = $2, cancel_reason = NULL, redacted_at = now() WHERE id = $1
