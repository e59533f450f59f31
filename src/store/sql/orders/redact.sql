-- The buyer leaves the order. Its hash stays, so that the same order again is still the same.
UPDATE orders SET body = $2, cancel_reason = NULL, redacted_at = now() WHERE id = $1
