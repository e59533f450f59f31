-- Items that were read, where the id of a recognised one differs only in capital letters. Recognised items do not differ
-- so among each other, or they would not be recognised. Without a new item, none of them is walked.
INSERT INTO feed_conflicts (n, code)
WITH new AS MATERIALIZED (
    SELECT s.n, s.item_id, lower(s.item_id) AS small
    FROM feed_staged s LEFT JOIN products p ON p.partner = $1 AND p.item_id = s.item_id
    WHERE s.kind = 0 AND p.raw_hash IS NULL
), known AS MATERIALIZED (
    SELECT DISTINCT new.n FROM products p JOIN new ON new.small = lower(p.item_id) AND new.item_id <> p.item_id
    WHERE p.partner = $1 AND p.raw_hash IS NOT NULL AND EXISTS (SELECT FROM new)
        AND NOT EXISTS (SELECT FROM feed_absent u WHERE u.raw_hash = p.raw_hash)
)
SELECT n, 'id_case_conflict' FROM known
WHERE NOT EXISTS (SELECT FROM feed_conflicts d WHERE d.n = known.n AND d.code = 'id_case_conflict')
