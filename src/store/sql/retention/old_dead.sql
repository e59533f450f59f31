-- Deletes dead letters older than 90 days.
DELETE FROM dead_deliveries WHERE id IN (
    SELECT id FROM dead_deliveries WHERE died_at < now() - interval '90 days' ORDER BY died_at LIMIT $1::bigint
)
