-- Reads the statistics of one subject by the hour, oldest first.
SELECT hour AS at, orders, delivered, failed, dead, latency_ms, latencies FROM hour_stats
WHERE subject = $1 AND hour >= $2 AND hour < $3
ORDER BY hour LIMIT $4
