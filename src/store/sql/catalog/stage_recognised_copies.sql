-- Stages recognised rows whose id a staged record also has: they are duplicates too.
INSERT INTO feed_staged (n, line, kind, item_id, raw_hash)
SELECT -1, 0, 4, p.item_id, p.raw_hash
FROM (SELECT DISTINCT item_id FROM feed_staged WHERE item_id IS NOT NULL AND kind <> 4) s
JOIN products p ON p.partner = $1 AND p.item_id = s.item_id
WHERE p.raw_hash IS NOT NULL AND NOT EXISTS (SELECT FROM feed_absent u WHERE u.raw_hash = p.raw_hash)
    AND NOT EXISTS (SELECT FROM feed_staged copy WHERE copy.kind = 4 AND copy.item_id = p.item_id)
