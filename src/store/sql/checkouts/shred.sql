-- Makes abandoned buyers unreadable: without its key, nothing of one can be decrypted. Of checkouts with an order, the order
-- decides.
UPDATE checkouts SET buyer = NULL, details = NULL, buyer_key = NULL, contact = NULL, address = NULL
WHERE id IN (
    SELECT id FROM checkouts
    WHERE buyer_key IS NOT NULL AND order_id IS NULL AND updated_at < now() - make_interval(secs => $1)
      AND state IN ('open', 'priced', 'expired', 'cancelled')
    LIMIT $2
)
