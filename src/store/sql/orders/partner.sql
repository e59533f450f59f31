-- What an order needs to know of its partner, by name; how it speaks tells what it can be told.
SELECT id, contact_allowed, adapter, settings FROM partners WHERE slug = $1
