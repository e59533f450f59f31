-- Excludes all records that share an id, and returns where they are.
WITH duplicated AS (
    SELECT item_id FROM feed_staged WHERE item_id IS NOT NULL GROUP BY item_id HAVING count(*) > 1
), marked AS (
    UPDATE feed_staged s SET kind = 2 FROM duplicated WHERE s.item_id = duplicated.item_id
    RETURNING s.item_id, s.line, s.raw_hash, s.n
)
SELECT item_id, line, raw_hash, count(*) OVER () AS total, count(*) FILTER (WHERE n < 0) OVER () AS recognised
FROM marked ORDER BY line, item_id LIMIT 1000
