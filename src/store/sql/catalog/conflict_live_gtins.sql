-- Finds staged items whose GTIN a recognised item has. Recognised items do not share GTINs with each other, or they
-- would not be recognised. An item whose GTINs have not changed needs no check, and if all are like that, the
-- recognised items are not scanned.
INSERT INTO feed_conflicts (n, code, gtin)
WITH new AS MATERIALIZED (
    SELECT s.n, g.gtin
    FROM feed_staged s LEFT JOIN products p ON p.partner = $1 AND p.item_id = s.item_id
    CROSS JOIN LATERAL unnest(string_to_array(s.gtins, ' ')) AS g (gtin)
    WHERE s.kind = 0 AND (p.raw_hash IS NULL OR p.gtins IS DISTINCT FROM s.gtins)
), requested AS MATERIALIZED (
    SELECT DISTINCT gtin FROM new
), holders AS (
    SELECT requested.gtin, p.raw_hash FROM products p JOIN requested ON requested.gtin = p.gtins
    WHERE p.partner = $1 AND p.raw_hash IS NOT NULL AND EXISTS (SELECT FROM requested)
    UNION ALL
    -- Few items have several GTINs.
    SELECT requested.gtin, p.raw_hash
    FROM products p CROSS JOIN LATERAL unnest(string_to_array(p.gtins, ' ')) AS g (gtin) JOIN requested USING (gtin)
    WHERE p.partner = $1 AND p.raw_hash IS NOT NULL AND length(p.gtins) > 14 AND EXISTS (SELECT FROM requested)
), conflicting AS MATERIALIZED (
    SELECT DISTINCT gtin FROM holders WHERE NOT EXISTS (SELECT FROM feed_absent u WHERE u.raw_hash = holders.raw_hash)
)
SELECT new.n, 'gtin_duplicate_across_items', new.gtin FROM new JOIN conflicting USING (gtin)
WHERE NOT EXISTS (SELECT FROM feed_conflicts d WHERE d.n = new.n AND d.gtin = new.gtin)
