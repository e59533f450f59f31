-- Moves a rule whose step failed behind all others.
INSERT INTO post_rule_cursors (rule, partner, after, stepped_at) VALUES ($1, $2, '', clock_timestamp())
ON CONFLICT (rule, partner) DO UPDATE SET stepped_at = clock_timestamp()
