-- Saves the partners' own ids for orders they accepted. The latest wins, and a value it omits keeps the old one. The
-- order page is not stored once the buyer is redacted. Callbacks that waited for such an id become due.
WITH input AS MATERIALIZED (
    SELECT DISTINCT ON (a.order_id, a.partner) a.*
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::timestamptz[])
        AS a (order_id, partner, partner_order_id, number, permalink, delivery, at)
    ORDER BY a.order_id, a.partner, a.at DESC
), saved AS (
    INSERT INTO acknowledgements AS current (order_id, partner, partner_order_id, number, permalink, delivery, at)
    SELECT s.order_id, s.partner, s.partner_order_id,
           CASE WHEN o.redacted_at IS NULL THEN s.number END,
           CASE WHEN o.redacted_at IS NULL THEN s.permalink END, s.delivery, s.at
    FROM input s JOIN orders o ON o.id = s.order_id
    ORDER BY s.order_id, s.partner
    FOR KEY SHARE OF o
    ON CONFLICT (order_id, partner) DO UPDATE
    SET partner_order_id = coalesce(excluded.partner_order_id, current.partner_order_id), number = coalesce(excluded.number, current.number),
        permalink = coalesce(excluded.permalink, current.permalink), delivery = excluded.delivery, at = excluded.at
    WHERE current.at <= excluded.at
)
UPDATE callbacks c SET due_at = now()
FROM input s WHERE c.state = 'unmatched' AND c.partner = s.partner AND c.partner_order_id = s.partner_order_id
