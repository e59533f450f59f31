-- Clears the raw hash of conflicting records and of all items of the same record, so that the next run reads them
-- again and repeats the finding. Rejects variants in another currency. Returns the record numbers, 4 bytes each.
WITH conflicting AS (
    UPDATE feed_staged s SET raw_hash = NULL, kind = CASE
        WHEN s.n IN (SELECT n FROM feed_conflicts WHERE code = 'group_currency_conflict') THEN 1 ELSE s.kind END
    WHERE s.n IN (SELECT n FROM feed_conflicts)
        OR s.raw_hash IN (SELECT t.raw_hash FROM feed_staged t JOIN feed_conflicts d ON d.n = t.n WHERE t.raw_hash IS NOT NULL)
    RETURNING s.n
)
SELECT coalesce(string_agg(int4send(n::integer), ''::bytea), ''::bytea) AS conflicting FROM conflicting WHERE n >= 0
