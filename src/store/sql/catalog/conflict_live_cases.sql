-- Finds staged items whose id differs from a recognised item's only in case. Recognised items do not conflict with
-- each other, or they would not be recognised. If no item is new, they are not scanned.
INSERT INTO feed_conflicts (n, code)
WITH new AS MATERIALIZED (
    SELECT s.n, s.item_id, lower(s.item_id) AS lowered
    FROM feed_staged s LEFT JOIN products p ON p.partner = $1 AND p.item_id = s.item_id
    WHERE s.kind = 0 AND p.raw_hash IS NULL
), conflicting AS MATERIALIZED (
    SELECT DISTINCT new.n FROM products p JOIN new ON new.lowered = lower(p.item_id) AND new.item_id <> p.item_id
    WHERE p.partner = $1 AND p.raw_hash IS NOT NULL AND EXISTS (SELECT FROM new)
        AND NOT EXISTS (SELECT FROM feed_absent u WHERE u.raw_hash = p.raw_hash)
)
SELECT n, 'id_case_conflict' FROM conflicting
WHERE NOT EXISTS (SELECT FROM feed_conflicts d WHERE d.n = conflicting.n AND d.code = 'id_case_conflict')
