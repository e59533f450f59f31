-- Ends the holds of locked items whose time is over.
UPDATE holds h SET state = 'expired', updated_at = now()
FROM unnest($1::uuid[], $2::text[]) AS locked (partner, item_id)
WHERE h.partner = locked.partner AND h.item_id = locked.item_id AND h.state = 'held' AND h.expires_at <= now()
RETURNING h.id, h.partner, h.item_id, h.quantity
