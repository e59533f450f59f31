-- Stores a callback before it is answered. A second one under the same key is a duplicate.
INSERT INTO callbacks (id, partner, key, content, partner_order_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (partner, key) DO NOTHING
RETURNING id
