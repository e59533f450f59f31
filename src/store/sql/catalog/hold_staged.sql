-- Kept until somebody decides: the records that the plan needs, and of a supplement, which is replaced as a whole, all.
INSERT INTO feed_held_staged
SELECT s.*, $1 FROM feed_staged s
WHERE $2 OR s.n IN (SELECT n FROM feed_plan WHERE action IN ('insert', 'update', 'touch'))
