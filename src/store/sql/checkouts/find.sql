-- Reads one checkout, by its id or by its token's hash.
SELECT id, token, channel, agent, post, language, cart, quote, setback, machine, buyer, buyer_key, contact, address,
       order_id, details, payment_token, payment_request, test, created_at, updated_at,
       (SELECT o.created_at FROM orders o WHERE o.id = order_id) AS ordered_at
FROM checkouts WHERE id = $1 OR token_hash = $2
