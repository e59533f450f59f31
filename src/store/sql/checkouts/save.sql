-- Saves a locked checkout.
UPDATE checkouts SET language = $2, cart = $3, quote = $4, setback = $5, machine = $6, state = $7, buyer = $8, buyer_key = $9,
    contact = $10, address = $11, order_id = $12, wakes_at = $13, test = $14, details = $15, payment_token = $16, payment_request = $17,
    updated_at = now()
WHERE id = $1
