-- A new standing rule.
INSERT INTO post_rules (id, name, partner, terms, existing) VALUES ($1, $2, $3, $4, $5)
