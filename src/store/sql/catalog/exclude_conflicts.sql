-- What is doubted is read again the next time, with all that its record made, or the finding would seem to be gone.
-- A variant in another currency is not taken. Says which records these are, 4 bytes each.
WITH settled AS (
    UPDATE feed_staged s SET raw_hash = NULL, kind = CASE
        WHEN s.n IN (SELECT n FROM feed_conflicts WHERE code = 'group_currency_conflict') THEN 1 ELSE s.kind END
    WHERE s.n IN (SELECT n FROM feed_conflicts)
        OR s.raw_hash IN (SELECT t.raw_hash FROM feed_staged t JOIN feed_conflicts d ON d.n = t.n WHERE t.raw_hash IS NOT NULL)
    RETURNING s.n
)
SELECT coalesce(string_agg(int4send(n::integer), ''::bytea), ''::bytea) AS settled FROM settled WHERE n >= 0
