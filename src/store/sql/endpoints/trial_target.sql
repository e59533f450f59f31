-- Reads an endpoint that is to be tried, with all of its partner's: what one of them has accepted speaks for its host.
SELECT n.slug, p.id, p.url, p.id = $1 AS is_target
FROM endpoints target JOIN partners n ON n.id = target.partner
JOIN endpoints p ON p.partner = target.partner AND (p.deleted_at IS NULL OR p.id = $1)
WHERE target.id = $1
