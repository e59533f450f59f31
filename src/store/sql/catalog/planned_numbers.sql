-- Reads the numbers of the records whose contents are needed as one value, 4 bytes each: rows would cost ten times
-- as much.
SELECT coalesce(string_agg(int4send(n::integer), ''::bytea) FILTER (WHERE action = 'insert'), ''::bytea) AS new,
       coalesce(string_agg(int4send(n::integer), ''::bytea) FILTER (WHERE action IN ('update', 'describe')), ''::bytea) AS changed
FROM feed_plan
