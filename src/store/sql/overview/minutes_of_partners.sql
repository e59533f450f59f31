-- Reads the statistics of a few partners by the minute, oldest first.
SELECT subject, minute AS at, orders, delivered, failed, dead, latency_ms, latencies FROM minute_stats
WHERE subject = ANY($1) AND minute >= $2
ORDER BY minute
