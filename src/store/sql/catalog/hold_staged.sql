-- Kept until somebody decides: the records that the plan needs.
INSERT INTO feed_held_staged
SELECT s.*, $1 FROM feed_staged s
WHERE s.n IN (SELECT n FROM feed_plan WHERE action IN ('insert', 'update', 'touch'))
