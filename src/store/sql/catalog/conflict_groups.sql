-- Variants of one product have one currency, agree in their traits and have pages of their own. They are compared with
-- the first of them, which is what is live of the product and stays, or else the first in the document.
INSERT INTO feed_conflicts (n, code)
WITH said AS (
    SELECT n, group_key, currency, page_hash, traits_hash FROM feed_staged WHERE kind = 0 AND group_key IS NOT NULL
    UNION ALL
    SELECT -1, p.group_key, p.currency, p.page_hash, p.traits_hash
    FROM (SELECT DISTINCT group_key FROM feed_staged WHERE kind = 0 AND group_key IS NOT NULL) s
    JOIN products p ON p.partner = $1 AND p.group_key = s.group_key AND p.removed_at IS NULL AND p.missing_runs = 0
    WHERE NOT EXISTS (SELECT FROM feed_staged own WHERE own.item_id = p.item_id)
        AND (NOT $2 OR p.raw_hash IS NOT NULL
             AND NOT EXISTS (SELECT FROM feed_absent u WHERE u.raw_hash = p.raw_hash))
), compared AS (
    SELECT n, currency <> first_value(currency) OVER variants AS pays_otherwise,
           traits_hash <> first_value(traits_hash) OVER variants AS differs,
           row_number() OVER (PARTITION BY group_key, page_hash ORDER BY n) > 1 AS shares
    FROM said WINDOW variants AS (PARTITION BY group_key ORDER BY n)
)
SELECT n, code
FROM compared CROSS JOIN LATERAL (VALUES ('group_currency_conflict', pays_otherwise),
    ('group_attribute_conflict', differs AND $3), ('link_shared_by_variants', shares AND $3)) AS found (code, holds)
WHERE n >= 0 AND holds
