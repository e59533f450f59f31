-- What an order needs to know of its partner, by name; its dialect tells what it can be told.
SELECT id, contact_allowed, adapter FROM partners WHERE slug = $1
