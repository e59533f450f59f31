-- Stores the records that a held run's plan needs. A supplement is replaced as a whole and needs all of them.
INSERT INTO feed_held_staged
SELECT s.*, $1 FROM feed_staged s
WHERE $2 OR s.n IN (SELECT n FROM feed_plan WHERE action IN ('insert', 'update', 'touch'))
