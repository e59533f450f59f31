-- Lists a partner's main images by hash, each with a few of the items that use it.
SELECT i.hash, i.url, i.status, i.reason, i.kind, i.width, i.height, i.checked_at, ARRAY(
    SELECT p.item_id FROM image_uses u JOIN products p ON p.id = u.product
    WHERE u.image = i.hash AND u.partner = $1 LIMIT 5) AS items
FROM images i
WHERE EXISTS (SELECT FROM image_uses u WHERE u.image = i.hash AND u.partner = $1)
    AND ($2::text IS NULL OR i.status = $2) AND ($3::bytea IS NULL OR i.hash > $3)
ORDER BY i.hash LIMIT $4
