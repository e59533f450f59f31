-- Deletes old events that belong to no order, after the same time as orders. Returns how far it scanned.
WITH passed AS MATERIALIZED (
    SELECT id, partner, order_id FROM events WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3::bigint
), gone AS (
    DELETE FROM events e USING passed o
    WHERE e.id = o.id AND o.order_id IS NULL AND NOT EXISTS (
        SELECT FROM endpoints p JOIN all_deliveries d ON d.endpoint = p.id AND d.event = o.id
        WHERE p.partner = o.partner
    )
    RETURNING e.id
)
SELECT (SELECT count(*) FROM gone) AS gone, (SELECT id FROM passed ORDER BY id DESC LIMIT 1) AS cursor
