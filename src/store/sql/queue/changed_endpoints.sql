-- Lists the endpoints of these shards that changed recently, themselves or with their partner; without a time, all
-- of them. Runs constantly, so it reads versions only. Uses the database's clock, because a node's own may be wrong.
SELECT p.id, p.shard, p.version + n.version AS version, p.deleted_at IS NOT NULL AS deleted
FROM endpoints p
JOIN partners n ON n.id = p.partner
WHERE p.shard = ANY ($1::smallint[])
  AND ($2::double precision IS NULL OR p.id IN (
    SELECT id FROM endpoints WHERE updated_at > now() - make_interval(secs => $2::double precision)
    UNION
    SELECT e.id FROM partners o JOIN endpoints e ON e.partner = o.id
    WHERE o.updated_at > now() - make_interval(secs => $2::double precision)))
  AND (p.deleted_at IS NULL OR p.deleted_at > now() - interval '10 minutes')
