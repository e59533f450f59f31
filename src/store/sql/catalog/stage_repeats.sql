-- Stages records that appear more than once and were recognised each time: all of them are duplicates.
INSERT INTO feed_staged (n, line, kind, item_id)
SELECT -1, u.line, 4, p.item_id
FROM unnest($2::bytea[], $3::bigint[]) AS u (raw_hash, line)
JOIN products p ON p.partner = $1 AND p.raw_hash = u.raw_hash
