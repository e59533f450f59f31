-- Saves a document in place of the one before.
INSERT INTO selling_terms (partner, kind, document) VALUES ($1, $2, $3::text::jsonb)
ON CONFLICT (partner, kind) DO UPDATE SET document = excluded.document, updated_at = now()
RETURNING document::text AS document
