-- Finds an applied full run of the same bytes, read in the same way, that left the catalog as it is now. Products
-- that are missing or blocked rule it out, because another run would change them, and so do refused images, which
-- the report must name.
SELECT coalesce(before.identical_to, before.id) AS id, before.format, before.findings
FROM feed_runs this JOIN feeds f ON f.partner = this.partner
JOIN feed_runs before ON before.partner = this.partner AND before.resulting_version = f.version
WHERE this.id = $1 AND this.mode = 'full' AND before.mode = 'full' AND before.status = 'applied'
    AND before.sha256 = this.sha256 AND before.reader_digest = this.reader_digest
    AND NOT EXISTS (
        SELECT FROM products WHERE partner = this.partner AND raw_hash IS NULL AND removed_at IS NULL
            AND (blocked OR missing_runs > 0))
    AND NOT EXISTS (SELECT FROM image_uses u WHERE u.partner = this.partner AND u.refused)
ORDER BY before.id DESC LIMIT 1
