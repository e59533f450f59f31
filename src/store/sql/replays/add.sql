-- A job, with its bound frozen: what dies or is emitted later is not its business.
INSERT INTO replays (id, filter, source, rate_per_second, include_superseded, reason, actor, owner, bound_at, matched)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
