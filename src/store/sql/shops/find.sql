-- Reads a partner's shop. A partner that never set one has a closed, empty shop.
SELECT owner.id AS partner, owner.name, coalesce(s.enabled, false) AS enabled,
       coalesce(s.items, '{}') AS items, s.updated_at, owner.suspended_at IS NOT NULL AS suspended
FROM partners owner LEFT JOIN shops s ON s.partner = owner.id WHERE owner.slug = $1
