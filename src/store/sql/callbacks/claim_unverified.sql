-- Take one due hint of each partner, the oldest of those that name an acknowledged order, else the oldest: whoever takes
-- it asks, and if it dies, another does after the lease.
UPDATE unverified_callbacks h SET attempts = h.attempts + 1, due_at = now() + make_interval(secs => $1)
FROM partners p
WHERE p.id = h.partner AND h.id IN (
    SELECT next.id FROM (SELECT DISTINCT partner FROM unverified_callbacks WHERE due_at <= now()) waiting
    CROSS JOIN LATERAL (
        SELECT id FROM unverified_callbacks hint
        WHERE partner = waiting.partner AND due_at <= now()
        ORDER BY EXISTS (SELECT FROM acknowledgements a WHERE a.partner = hint.partner AND a.partner_order_id = hint.partner_order_id) DESC,
                 due_at, id LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) next
)
RETURNING h.id, h.partner, h.request, h.version, h.attempts, h.created_at, p.slug
