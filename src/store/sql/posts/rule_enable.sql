-- A rule is followed from now on, or rests. Waits for a step of it that is under way.
UPDATE post_rules SET enabled = $2, updated_at = now() WHERE id = $1
