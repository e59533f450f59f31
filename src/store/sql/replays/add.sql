-- Adds a replay job with a fixed bound: deliveries that die or events emitted later are out of scope.
INSERT INTO replays (id, filter, source, rate_per_second, include_superseded, reason, actor, owner, bound_at, matched)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
