-- What partners call the orders that they accepted; the latest counts, and what it leaves out stays. A page of the
-- order is not kept where the buyer is redacted, or is being. What waited for such a name is due now.
WITH said AS MATERIALIZED (
    SELECT DISTINCT ON (a.order_id, a.partner) a.*
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::timestamptz[])
        AS a (order_id, partner, partner_order_id, number, permalink, delivery, at)
    ORDER BY a.order_id, a.partner, a.at DESC
), kept AS (
    INSERT INTO acknowledgements AS known (order_id, partner, partner_order_id, number, permalink, delivery, at)
    SELECT s.order_id, s.partner, s.partner_order_id,
           CASE WHEN o.redacted_at IS NULL THEN s.number END,
           CASE WHEN o.redacted_at IS NULL THEN s.permalink END, s.delivery, s.at
    FROM said s JOIN orders o ON o.id = s.order_id
    ORDER BY s.order_id, s.partner
    FOR KEY SHARE OF o
    ON CONFLICT (order_id, partner) DO UPDATE
    SET partner_order_id = coalesce(excluded.partner_order_id, known.partner_order_id), number = coalesce(excluded.number, known.number),
        permalink = coalesce(excluded.permalink, known.permalink), delivery = excluded.delivery, at = excluded.at
    WHERE known.at <= excluded.at
)
UPDATE callbacks c SET due_at = now()
FROM said s WHERE c.state = 'unmatched' AND c.partner = s.partner AND c.partner_order_id = s.partner_order_id
