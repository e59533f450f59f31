-- A measurement counts only if every delivery is recorded as delivered.
SELECT count(*) FROM delivered
