-- Those of some products of which a buyer holds units now. Contact and address must both be the buyer's.
SELECT p.id FROM products p
WHERE p.id = ANY($1) AND EXISTS (
    SELECT FROM holds h
        JOIN hold_buyers c ON c.hold = h.id AND c.kind = 'contact' AND c.fingerprint = $2
        JOIN hold_buyers a ON a.hold = h.id AND a.kind = 'address' AND a.fingerprint = $3
    WHERE h.partner = p.partner AND h.item_id = p.item_id AND h.state = 'held')
