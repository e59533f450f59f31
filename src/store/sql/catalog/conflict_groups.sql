-- Finds variants of one group that disagree: they must share a currency and traits, and each needs its own page. The
-- reference is the live variant that stays, or else the first one in the document.
INSERT INTO feed_conflicts (n, code)
WITH input AS (
    SELECT n, group_key, currency, page_hash, traits_hash FROM feed_staged WHERE kind = 0 AND group_key IS NOT NULL
    UNION ALL
    SELECT -1, p.group_key, p.currency, p.page_hash, p.traits_hash
    FROM (SELECT DISTINCT group_key FROM feed_staged WHERE kind = 0 AND group_key IS NOT NULL) s
    JOIN products p ON p.partner = $1 AND p.group_key = s.group_key AND p.removed_at IS NULL AND p.missing_runs = 0
    WHERE NOT EXISTS (SELECT FROM feed_staged own WHERE own.item_id = p.item_id)
        AND (NOT $2 OR p.raw_hash IS NOT NULL
             AND NOT EXISTS (SELECT FROM feed_absent u WHERE u.raw_hash = p.raw_hash))
), compared AS (
    SELECT n, currency <> first_value(currency) OVER variants AS has_other_currency,
           traits_hash <> first_value(traits_hash) OVER variants AS has_other_traits,
           row_number() OVER (PARTITION BY group_key, page_hash ORDER BY n) > 1 AS shares_link
    FROM input WINDOW variants AS (PARTITION BY group_key ORDER BY n)
)
SELECT n, code
FROM compared CROSS JOIN LATERAL (VALUES ('group_currency_conflict', has_other_currency),
    ('group_attribute_conflict', has_other_traits AND $3), ('link_shared_by_variants', shares_link AND $3)) AS found (code, is_found)
WHERE n >= 0 AND is_found
