-- Keep an unsigned hint until the partner's own records were asked. Nothing is kept beyond so many a partner, but for what
-- names an order by the id that the partner acknowledged it with: invented ids cannot take its place.
INSERT INTO callback_hints (id, partner, question, request, theirs)
SELECT $1, $2, $3, $4, $6
WHERE EXISTS (SELECT FROM callback_hints WHERE partner = $2 AND question = $3)
   OR (SELECT count(*) FROM callback_hints WHERE partner = $2) < $5::bigint
   OR EXISTS (SELECT FROM acknowledgements a WHERE a.partner = $2 AND a.theirs = $6)
ON CONFLICT (partner, question) DO UPDATE SET request = excluded.request, version = callback_hints.version + 1
RETURNING id
