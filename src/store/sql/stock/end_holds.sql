-- Ends holds whose items are locked: sold or released.
UPDATE holds SET state = $2, updated_at = now() WHERE id = ANY($1) AND state = 'held'
RETURNING id, partner, item_id, quantity
