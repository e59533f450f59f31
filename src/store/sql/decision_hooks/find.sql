-- Reads a partner's decision hook.
SELECT h.url, h.sealed_url, h.url_saved_by, h.tax_included, h.secret, h.previous_secret, h.previous_valid_until, h.updated_at
FROM decision_hooks h JOIN partners p ON p.id = h.partner
WHERE p.slug = $1
