-- Marks ids that now name another thing: posts with a custom text pause when the plan is applied.
UPDATE feed_plan SET reassigned = true WHERE product = ANY($1)
