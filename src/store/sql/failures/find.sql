-- Reads one failure group; $2 limits it to one partner.
SELECT g.*, n.slug FROM failure_groups g JOIN partners n ON n.id = g.partner
WHERE g.id = $1 AND ($2::uuid IS NULL OR g.partner = $2)
