-- Records that a rule has scanned a part of a catalog. The first part starts a pass.
INSERT INTO post_rule_cursors (rule, partner, passing, after) VALUES ($1, $2, $3, $4)
ON CONFLICT (rule, partner) DO UPDATE SET
    began_at = CASE WHEN post_rule_cursors.passing IS NULL THEN now() ELSE post_rule_cursors.began_at END,
    passing = $3, after = $4, stepped_at = now()
