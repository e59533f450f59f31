-- Endpoints that do not get their deliveries: disabled by the gateway, or with a circuit that is not closed. Those that an
-- operator or partner disabled on purpose are left out.
SELECT e.id, p.slug, e.status, e.status_reason, e.failing_since
FROM endpoints e JOIN partners p ON p.id = e.partner
WHERE e.deleted_at IS NULL AND p.suspended_at IS NULL AND ($1::uuid IS NULL OR e.partner = $1)
  AND (e.circuit <> 'closed' AND e.status = 'enabled' OR e.status = 'disabled' AND e.status_reason IN ('failing', 'gone'))
ORDER BY e.status, e.failing_since NULLS LAST
LIMIT 10
