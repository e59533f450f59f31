-- Keep an unsigned hint until the partner's own records were asked. Nothing is kept beyond so many a partner.
INSERT INTO callback_hints (id, partner, question, request)
SELECT $1, $2, $3, $4
WHERE EXISTS (SELECT FROM callback_hints WHERE partner = $2 AND question = $3)
   OR (SELECT count(*) FROM callback_hints WHERE partner = $2) < $5::bigint
ON CONFLICT (partner, question) DO UPDATE SET request = excluded.request, version = callback_hints.version + 1
RETURNING id
