-- Reads everything that quotes for several partners depend on, in one statement, so that it is of one time.
SELECT p.id, p.slug, shipping.document::text AS shipping, taxes.document::text AS taxes, policy.document::text AS policy,
       h.url, h.sealed_url, h.url_saved_by, h.tax_included, h.secret, h.previous_secret, h.previous_valid_until, h.updated_at
FROM partners p
LEFT JOIN selling_terms shipping ON shipping.partner = p.id AND shipping.kind = 'shipping'
LEFT JOIN selling_terms taxes ON taxes.partner = p.id AND taxes.kind = 'taxes'
LEFT JOIN selling_terms policy ON policy.partner = p.id AND policy.kind = 'policy'
LEFT JOIN decision_hooks h ON h.partner = p.id
WHERE p.slug = ANY($1)
