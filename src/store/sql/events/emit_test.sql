-- Writes an event for one endpoint only, whatever it subscribes to.
WITH new_event AS (
    INSERT INTO events (id, partner, type, data, test) VALUES ($1, $2, $3, $4, true) RETURNING id, partner
)
INSERT INTO deliveries (id, event, endpoint, partner, shard)
SELECT new_uuid_v7(), e.id, $5, e.partner, $6::smallint FROM new_event e
RETURNING id, event, endpoint, shard, due_at
