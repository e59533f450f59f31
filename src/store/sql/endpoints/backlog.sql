-- Counts an endpoint's waiting and dead deliveries, each up to a limit, because an endpoint that was down has very many.
SELECT (SELECT count(*) FROM (SELECT FROM deliveries WHERE endpoint = $1 LIMIT $2) w) AS waiting,
       (SELECT count(*) FROM (SELECT FROM dead_deliveries WHERE endpoint = $1 LIMIT $2) d) AS dead
