-- Returns units to stock whose order was cancelled.
UPDATE holds SET state = 'released', updated_at = now() WHERE id = ANY($1) AND state = 'sold'
RETURNING id, partner, item_id, quantity
