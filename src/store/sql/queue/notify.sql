-- Wake the other gateways; sent by itself, never inside a transaction that writes.
SELECT pg_notify($1, $2)
