-- The merchants whose shops are open, for the page at `/`.
SELECT owner.name, owner.slug FROM shops s JOIN partners owner ON owner.id = s.partner
WHERE s.enabled AND owner.suspended_at IS NULL ORDER BY owner.name, owner.slug LIMIT $1
