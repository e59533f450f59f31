-- Adds a post rule.
INSERT INTO post_rules (id, name, partner, spec, existing) VALUES ($1, $2, $3, $4, $5)
