-- Plans for live products that a full feed does not have. In steps, so that each uses its index: hashes are compared
-- within the index of ids, and only missing rows are read.
INSERT INTO feed_plan (action, product, lost, stopped)
SELECT 'miss', p.id, p.missing_runs = 0,
    p.missing_runs = 0 AND p.availability NOT IN ('out_of_stock', 'discontinued')
FROM (
    SELECT id, item_id, missing_runs, availability FROM products
    WHERE partner = $1 AND raw_hash IS NULL AND removed_at IS NULL
    UNION ALL
    SELECT p.id, p.item_id, p.missing_runs, p.availability
    FROM (SELECT DISTINCT raw_hash FROM feed_absent) u
    JOIN products hashed ON hashed.partner = $1 AND hashed.raw_hash = u.raw_hash
    JOIN products p ON p.partner = $1 AND p.item_id = hashed.item_id
) p
WHERE NOT EXISTS (SELECT FROM feed_staged s WHERE s.item_id = p.item_id)
