-- How many deliveries wait per partner, and since when. Reads the whole hot table: ask seldom.
SELECT p.slug, count(*) AS waiting, extract(epoch FROM now() - min(d.created_at))::double precision AS oldest_seconds
FROM deliveries d JOIN partners p ON p.id = d.partner
GROUP BY p.slug
