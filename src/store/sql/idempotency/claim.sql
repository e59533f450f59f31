-- Claims a request under its key: a new one, or one whose process has died. Returns nothing where another has it.
INSERT INTO idempotent_requests AS known (caller, route, key, body, subject, claimed_until)
VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
ON CONFLICT (caller, route, key) DO UPDATE SET claim = known.claim + 1, claimed_until = excluded.claimed_until
    WHERE known.status IS NULL AND known.claimed_until <= now() AND known.body = excluded.body
RETURNING subject, claim
