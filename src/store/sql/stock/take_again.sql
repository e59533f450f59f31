-- Sells what was held before, although the hold has ended: there are units.
UPDATE holds SET state = 'sold', updated_at = now() WHERE id = ANY($1) AND state IN ('released', 'expired')
RETURNING id, partner, item_id, quantity
