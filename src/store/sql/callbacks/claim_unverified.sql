-- Claims one due unverified callback per partner: the oldest that names an acknowledged order, otherwise the oldest.
-- If the node that claimed it dies, another node claims it after the lease.
UPDATE unverified_callbacks u SET attempts = u.attempts + 1, due_at = now() + make_interval(secs => $1)
FROM partners p
WHERE p.id = u.partner AND u.id IN (
    SELECT next.id FROM (SELECT DISTINCT partner FROM unverified_callbacks WHERE due_at <= now()) waiting
    CROSS JOIN LATERAL (
        SELECT id FROM unverified_callbacks callback
        WHERE partner = waiting.partner AND due_at <= now()
        ORDER BY EXISTS (SELECT FROM acknowledgements a WHERE a.partner = callback.partner AND a.partner_order_id = callback.partner_order_id) DESC,
                 due_at, id LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) next
)
RETURNING u.id, u.partner, u.request, u.version, u.attempts, u.created_at, p.slug
