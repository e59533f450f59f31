-- Variants of one product have one currency: those that differ from the first, or from what is live of the product
-- and stays, are not taken.
WITH first AS (
    SELECT DISTINCT ON (group_key) group_key, currency FROM (
        SELECT group_key, currency, n FROM feed_staged WHERE kind = 0 AND group_key IS NOT NULL
        UNION ALL
        SELECT p.group_key, p.currency, -1
        FROM (SELECT DISTINCT group_key FROM feed_staged WHERE kind = 0 AND group_key IS NOT NULL) s
        JOIN products p ON p.partner = $1 AND p.group_key = s.group_key AND p.gone_at IS NULL AND p.missing_runs = 0
        WHERE NOT EXISTS (SELECT FROM feed_staged own WHERE own.item_id = p.item_id)
            AND (NOT $2 OR p.raw_hash IS NOT NULL
                 AND NOT EXISTS (SELECT FROM feed_unseen u WHERE u.raw_hash = p.raw_hash))
    ) said ORDER BY group_key, n
), marked AS (
    UPDATE feed_staged s SET kind = 1 FROM first
    WHERE s.kind = 0 AND s.group_key = first.group_key AND s.currency <> first.currency
    RETURNING s.item_id, s.line, s.currency
)
SELECT item_id, line, currency FROM marked ORDER BY line, item_id LIMIT 1000
