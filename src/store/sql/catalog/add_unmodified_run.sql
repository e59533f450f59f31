-- Records a pull whose document is the one an earlier run has read. The earlier findings still hold, unless another
-- full feed has been applied since.
INSERT INTO feed_runs (id, partner, mode, dry_run, status, reason, format, items, findings, bytes, sha256, reader_digest,
    resulting_version, identical_to, actor, started_at, finished_at)
SELECT $1, partner, mode, false, 'applied', $4, format, $5, findings, bytes, sha256, reader_digest,
    resulting_version, coalesce(identical_to, id), $6, $7, now()
FROM feed_runs read WHERE id = $3 AND partner = $2 AND NOT EXISTS (
    SELECT FROM feed_runs other WHERE other.partner = read.partner AND other.id <> read.id AND other.mode = 'full'
        AND other.status = 'applied' AND other.finished_at > read.finished_at)
RETURNING id, partner, mode, dry_run, status, reason, format, items, findings, changes, base_version, started_at, finished_at
