-- Lists the scopes in which nothing is sold: switches that are off, and suspended partners.
SELECT scope FROM switches WHERE NOT enabled
UNION ALL
SELECT 'partner:' || slug FROM partners WHERE suspended_at IS NOT NULL
