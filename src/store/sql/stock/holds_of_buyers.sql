-- The current holds of locked items by checkout or by any of a buyer's fingerprints.
SELECT h.id, h.checkout, h.partner, h.item_id, h.quantity, h.state = 'sold' AS sold, h.expires_at,
    (SELECT fingerprint FROM hold_buyers WHERE hold = h.id AND kind = 'contact') AS contact,
    (SELECT fingerprint FROM hold_buyers WHERE hold = h.id AND kind = 'address') AS address,
    (SELECT fingerprint FROM hold_buyers WHERE hold = h.id AND kind = 'card') AS card
FROM holds h
WHERE h.state IN ('held', 'sold')
    AND (h.partner, h.item_id) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))
    AND (h.checkout = ANY($3) OR h.id IN (SELECT hold FROM hold_buyers WHERE fingerprint = ANY($4)))
