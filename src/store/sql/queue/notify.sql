-- Wakes the other gateways. Sent on its own, never inside a transaction that writes.
SELECT pg_notify($1, $2)
