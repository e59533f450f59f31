-- A step of a rule in a catalog has failed: its turn is behind that of all others.
INSERT INTO post_rule_cursors (rule, partner, after, stepped_at) VALUES ($1, $2, '', clock_timestamp())
ON CONFLICT (rule, partner) DO UPDATE SET stepped_at = clock_timestamp()
