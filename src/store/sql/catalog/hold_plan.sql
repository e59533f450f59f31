-- Kept until somebody decides: the plan.
INSERT INTO feed_held_plan SELECT p.*, $1 FROM feed_plan p WHERE p.action <> 'same'
