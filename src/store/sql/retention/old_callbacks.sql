-- Deletes old callbacks about no order of ours, after the same time as orders. Returns how far it scanned.
WITH passed AS MATERIALIZED (
    SELECT id FROM callbacks WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3::bigint
), gone AS (
    DELETE FROM callbacks c USING passed p WHERE c.id = p.id AND c.order_id IS NULL RETURNING c.id
)
SELECT (SELECT count(*) FROM gone) AS gone, (SELECT id FROM passed ORDER BY id DESC LIMIT 1) AS cursor
