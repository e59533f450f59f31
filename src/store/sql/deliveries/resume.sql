-- Opens deliveries anew that would expire soon, because their partner was suspended: nothing was tried meanwhile.
UPDATE deliveries d SET opened_at = now()
FROM endpoints p WHERE p.partner = $1 AND d.endpoint = p.id AND d.opened_at < now() - interval '20 days'
