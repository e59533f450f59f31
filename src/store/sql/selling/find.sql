-- Reads one document of a partner as it was given.
SELECT t.document::text AS document
FROM selling_terms t JOIN partners p ON p.id = t.partner
WHERE p.slug = $1 AND t.kind = $2
