-- A partner's shop as its merchant has set it; one that never did has a closed, empty one.
SELECT owner.id AS partner, owner.name, coalesce(s.enabled, false) AS enabled,
       coalesce(s.items, '{}') AS items, s.updated_at
FROM partners owner LEFT JOIN shops s ON s.partner = owner.id WHERE owner.slug = $1
