-- Partners that something was sent to in this hour or the last, those with dead or failed attempts first.
SELECT p.id, p.slug
FROM hour_stats s JOIN partners p ON p.id = s.subject
WHERE s.hour >= date_trunc('hour', now()) - interval '1 hour'
GROUP BY p.id, p.slug
ORDER BY sum(s.dead) DESC, sum(s.failed) DESC, sum(s.delivered) DESC, p.slug
LIMIT $1
