-- Makes the buyer of a redacted order unreadable in its checkout, and removes what the buyer has declared.
WITH shredded AS (
    UPDATE checkouts SET buyer = NULL, details = NULL, buyer_key = NULL, contact = NULL, address = NULL WHERE order_id = $1
    RETURNING id
)
DELETE FROM withdrawals WHERE checkout IN (SELECT id FROM shredded)
