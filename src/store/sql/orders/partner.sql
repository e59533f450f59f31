-- What an order needs to know of its partner, by name.
SELECT id, contact_allowed FROM partners WHERE slug = $1
