-- Makes abandoned buyers unreadable: without its key, nothing of one can be decrypted. Of checkouts with an order, the order
-- decides. Money that is on its way back keeps them: they are told of it.
UPDATE checkouts SET buyer = NULL, details = NULL, buyer_key = NULL, contact = NULL, address = NULL
WHERE id IN (
    SELECT id FROM checkouts
    WHERE buyer_key IS NOT NULL AND order_id IS NULL AND updated_at < now() - make_interval(secs => $1)
      AND (state IN ('open', 'priced', 'expired', 'cancelled') OR (state = 'returning' AND wakes_at IS NULL))
    LIMIT $2
)
