-- Lists checkouts, newest first.
SELECT id, token, channel, agent, post, language, cart, quote, setback, machine, buyer, buyer_key, contact, address,
       order_id, details, payment_token, payment_request, test, created_at, updated_at,
       (SELECT o.created_at FROM orders o WHERE o.id = order_id) AS ordered_at
FROM checkouts
WHERE ($1::uuid IS NULL OR id < $1) AND ($2::text IS NULL OR state = $2)
  AND ($3::text IS NULL OR cart @> jsonb_build_object('lines', jsonb_build_array(jsonb_build_object('partner', $3))))
ORDER BY id DESC LIMIT $4
