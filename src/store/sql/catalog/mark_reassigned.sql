-- Ids that name another thing from now on: posts with a given text rest when the plan is made true.
UPDATE feed_plan SET reassigned = true WHERE product = ANY($1)
