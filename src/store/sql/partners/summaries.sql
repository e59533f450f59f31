-- Summarises the partners of a page: their endpoints by state, and whether their shops are open.
SELECT n.slug,
       count(e.id) FILTER (WHERE e.status = 'enabled' AND e.circuit = 'closed' AND e.failing_since IS NULL) AS working,
       count(e.id) FILTER (WHERE e.status = 'enabled' AND (e.circuit <> 'closed' OR e.failing_since IS NOT NULL)) AS failing,
       count(e.id) FILTER (WHERE e.status = 'disabled') AS disabled,
       coalesce(bool_or(s.enabled), false) AS has_open_shop
FROM partners n
LEFT JOIN endpoints e ON e.partner = n.id AND e.deleted_at IS NULL
LEFT JOIN shops s ON s.partner = n.id
WHERE n.slug = ANY($1::text[])
GROUP BY n.slug
