-- What partners sent about no order of ours leaves after as long as orders. Says up to where it looked.
WITH passed AS MATERIALIZED (
    SELECT id FROM callbacks WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3::bigint
), gone AS (
    DELETE FROM callbacks c USING passed p WHERE c.id = p.id AND c.order_id IS NULL RETURNING c.id
)
SELECT (SELECT count(*) FROM gone) AS gone, (SELECT id FROM passed ORDER BY id DESC LIMIT 1) AS cursor
