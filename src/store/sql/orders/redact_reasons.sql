-- Removes reasons in which people may have named the buyer: in audit entries of the order and its deliveries, and in
-- replay jobs whose reason contains one of these words. Each OFFSET 0 is an optimization fence.
WITH jobs AS (
    UPDATE replays SET reason = '[redacted]'
    WHERE EXISTS (SELECT FROM unnest($2::text[]) AS word WHERE position(lower(word) IN lower(reason)) > 0)
    RETURNING id
), subjects AS (
    SELECT 'ord_' || replace($1::uuid::text, '-', '') AS subject
    UNION ALL SELECT 'rpl_' || replace(id::text, '-', '') FROM jobs
    UNION ALL SELECT 'dlv_' || replace(d.id::text, '-', '')
    FROM (SELECT id, partner FROM events WHERE order_id = $1 OFFSET 0) e
    CROSS JOIN LATERAL (SELECT id FROM endpoints WHERE partner = e.partner OFFSET 0) n
    CROSS JOIN LATERAL (
        SELECT id FROM deliveries WHERE endpoint = n.id AND event = e.id
        UNION ALL SELECT id FROM delivered WHERE endpoint = n.id AND event = e.id
        UNION ALL SELECT id FROM dead_deliveries WHERE endpoint = n.id AND event = e.id
        OFFSET 0
    ) d
)
UPDATE audit SET details = details || '{"reason": null}'
WHERE subject = ANY (ARRAY(SELECT subject FROM subjects)) AND details ? 'reason'
