-- Counts the pending deliveries per partner and the age of the oldest. Reads the whole hot table: use rarely.
SELECT p.slug, count(*) AS waiting, extract(epoch FROM now() - min(d.created_at))::double precision AS oldest_seconds
FROM deliveries d JOIN partners p ON p.id = d.partner
GROUP BY p.slug
