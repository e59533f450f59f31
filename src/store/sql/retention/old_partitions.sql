-- Lists expired day tables and the state of their removal. A delivery may be open for 30 days and stores its
-- attempts under the day it was opened; after three more days nothing can be stored there.
SELECT t.relname::text AS name, left(t.relname::text, -9) AS parent,
       CASE WHEN i.inhrelid IS NULL THEN 'detached' WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END AS state
FROM pg_class t
LEFT JOIN pg_inherits i ON i.inhrelid = t.oid
WHERE t.relkind = 'r'
  AND t.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'delivered'::regclass)
  AND t.relname ~ '^(delivered|attempts|minute_stats)_[0-9]{8}$'
  AND right(t.relname::text, 8) < to_char((now() AT TIME ZONE 'UTC')::date - 33, 'YYYYMMDD')
-- An interrupted removal blocks the next one.
ORDER BY i.inhdetachpending DESC NULLS LAST, t.relname
