-- Items that were read, where a recognised one has the same GTIN. Recognised items do not share any among each other, or
-- they would not be recognised; so an item that still is what it was when it was recognised needs no look, and where
-- there is no other the recognised ones are not walked.
INSERT INTO feed_conflicts (n, code, gtin)
WITH new AS MATERIALIZED (
    SELECT s.n, g.gtin
    FROM feed_staged s LEFT JOIN products p ON p.partner = $1 AND p.item_id = s.item_id
    CROSS JOIN LATERAL unnest(string_to_array(s.gtins, ' ')) AS g (gtin)
    WHERE s.kind = 0 AND (p.raw_hash IS NULL OR p.gtins IS DISTINCT FROM s.gtins)
), wanted AS MATERIALIZED (
    SELECT DISTINCT gtin FROM new
), held AS (
    SELECT wanted.gtin, p.raw_hash FROM products p JOIN wanted ON wanted.gtin = p.gtins
    WHERE p.partner = $1 AND p.raw_hash IS NOT NULL AND EXISTS (SELECT FROM wanted)
    UNION ALL
    -- Few items have several.
    SELECT wanted.gtin, p.raw_hash
    FROM products p CROSS JOIN LATERAL unnest(string_to_array(p.gtins, ' ')) AS g (gtin) JOIN wanted USING (gtin)
    WHERE p.partner = $1 AND p.raw_hash IS NOT NULL AND length(p.gtins) > 14 AND EXISTS (SELECT FROM wanted)
), known AS MATERIALIZED (
    SELECT DISTINCT gtin FROM held WHERE NOT EXISTS (SELECT FROM feed_absent u WHERE u.raw_hash = held.raw_hash)
)
SELECT new.n, 'gtin_duplicate_across_items', new.gtin FROM new JOIN known USING (gtin)
WHERE NOT EXISTS (SELECT FROM feed_conflicts d WHERE d.n = new.n AND d.gtin = new.gtin)
