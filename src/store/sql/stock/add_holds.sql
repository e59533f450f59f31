-- Adds holds. A hold of the same checkout and item that has ended begins again.
INSERT INTO holds (id, checkout, partner, item_id, quantity, expires_at)
SELECT id, checkout, partner, item_id, quantity, now() + make_interval(secs => seconds)
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::double precision[])
    AS new (id, checkout, partner, item_id, quantity, seconds)
ON CONFLICT (checkout, partner, item_id) DO UPDATE SET quantity = excluded.quantity,
    state = 'held', extended = false, expires_at = excluded.expires_at, updated_at = now()
WHERE holds.state IN ('released', 'expired')
RETURNING id, checkout, partner, item_id, expires_at
