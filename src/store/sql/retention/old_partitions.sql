-- Day tables whose days are over, and how far their removal has come. A delivery may be open for 30 days
-- and files its attempts under the day on which it was opened: three days more, and nothing can be filed there.
SELECT t.relname::text AS name, left(t.relname::text, -9) AS parent,
       CASE WHEN i.inhrelid IS NULL THEN 'detached' WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END AS state
FROM pg_class t
LEFT JOIN pg_inherits i ON i.inhrelid = t.oid
WHERE t.relkind = 'r'
  AND t.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'delivered'::regclass)
  AND t.relname ~ '^(delivered|attempts)_[0-9]{8}$'
  AND right(t.relname::text, 8) < to_char((now() AT TIME ZONE 'UTC')::date - 33, 'YYYYMMDD')
-- A table's removal that was cut short stands in the way of the next one.
ORDER BY i.inhdetachpending DESC NULLS LAST, t.relname
