-- Reads what an order needs to know of its partner. The adapter decides which events can be sent to it.
SELECT id, contact_allowed, adapter FROM partners WHERE slug = $1
