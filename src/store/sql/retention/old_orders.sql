-- Deletes orders older than the bound with their events, if none of their deliveries is on record. Returns how far
-- it scanned.
WITH passed AS MATERIALIZED (
    SELECT id FROM orders WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3::bigint
), free AS MATERIALIZED (
    SELECT id FROM passed o WHERE NOT EXISTS (
        SELECT FROM events e JOIN endpoints p ON p.partner = e.partner
        JOIN all_deliveries d ON d.endpoint = p.id AND d.event = e.id
        WHERE e.order_id = o.id
    )
), no_events AS (
    DELETE FROM events e USING free f WHERE e.order_id = f.id
), no_callbacks AS (
    DELETE FROM callbacks c USING free f WHERE c.order_id = f.id
), no_reports AS (
    DELETE FROM order_reports r USING free f WHERE r.order_id = f.id
), no_acknowledgements AS (
    DELETE FROM acknowledgements a USING free f WHERE a.order_id = f.id
), gone AS (
    DELETE FROM orders o USING free f WHERE o.id = f.id RETURNING o.id
)
SELECT (SELECT count(*) FROM gone) AS gone, (SELECT id FROM passed ORDER BY id DESC LIMIT 1) AS cursor
