-- Enables or disables a rule. Waits for a step of it in progress.
UPDATE post_rules SET enabled = $2, updated_at = now() WHERE id = $1
