-- Reads the statistics of one subject by the minute, oldest first.
SELECT minute AS at, orders, delivered, failed, dead, latency_ms, latencies FROM minute_stats
WHERE subject = $1 AND minute >= $2 AND minute < $3
ORDER BY minute LIMIT $4
