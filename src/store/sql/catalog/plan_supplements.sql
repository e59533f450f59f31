-- What a supplement changes: how items that are there are described. Bad rows change nothing.
INSERT INTO feed_plan (action, product, n)
SELECT CASE WHEN p.content_hash <> s.content_hash THEN 'describe' ELSE 'same' END, p.id, s.n
FROM feed_staged s JOIN products p ON p.partner = $1 AND p.item_id = s.item_id
WHERE s.kind = 0 AND p.gone_at IS NULL
