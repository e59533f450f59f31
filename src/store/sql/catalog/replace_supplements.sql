-- Replaces a partner's supplement. An invalid row keeps the last good one. Where the supplement changed, the main
-- feed's record is read again next time, with all its items. From a truncated feed ($2 is false) nothing is removed.
WITH deleted AS (
    DELETE FROM feed_supplements f
    WHERE $2 AND f.partner = $1 AND NOT EXISTS (SELECT FROM feed_staged s WHERE s.item_id = f.item_id
                                         AND (s.kind <> 0 OR s.supplement <> '{}'))
    RETURNING f.item_id
), saved AS (
    INSERT INTO feed_supplements AS f (partner, item_id, fields)
    SELECT $1, item_id, supplement FROM feed_staged WHERE kind = 0 AND supplement <> '{}'
    ON CONFLICT (partner, item_id) DO UPDATE SET fields = excluded.fields WHERE f.fields <> excluded.fields
    RETURNING f.item_id
), stale AS (
    SELECT p.id, p.group_key, p.raw_hash
    FROM (SELECT item_id FROM deleted UNION ALL SELECT item_id FROM saved) changed
    JOIN products p ON p.partner = $1 AND p.item_id = changed.item_id
    WHERE p.raw_hash IS NOT NULL
), with_siblings AS (
    SELECT id FROM stale
    UNION
    SELECT p.id FROM stale JOIN products p
        ON p.partner = $1 AND p.group_key = stale.group_key AND p.raw_hash = stale.raw_hash
)
UPDATE products p SET raw_hash = NULL FROM with_siblings WHERE p.id = with_siblings.id
