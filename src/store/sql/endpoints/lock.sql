-- Locks one endpoint of one partner until the commit. What waited for the lock must be read afterwards, by a new statement:
-- this one still sees the keys as they were.
SELECT 1 FROM endpoints p JOIN partners n ON n.id = p.partner
WHERE n.slug = $1 AND p.id = $2 AND p.deleted_at IS NULL
FOR NO KEY UPDATE OF p
