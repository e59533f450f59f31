-- Shows a few products of each kind of change that a held run would make, from the beginning of its plan.
WITH picked AS (
    SELECT kind, product, n, row_number() OVER (PARTITION BY kind) AS position FROM (
        SELECT CASE
                WHEN lost THEN 'lost' WHEN renamed OR reassigned THEN 'renamed' WHEN moved THEN 'moved'
                WHEN jumped OR repriced THEN 'repriced' WHEN stopped THEN 'stopped'
            END AS kind, product, n
        FROM (SELECT * FROM feed_held_plan WHERE run = $1 LIMIT 20000) plan
    ) kinds WHERE kind IS NOT NULL
)
SELECT picked.kind, p.id, p.item_id, p.item, after.item AS item_after
FROM picked
JOIN products p ON p.id = picked.product
LEFT JOIN (SELECT n, item FROM feed_held_contents WHERE run = $1 LIMIT 20000) after ON after.n = picked.n
WHERE picked.position <= $2
ORDER BY picked.kind, picked.position
