-- Adds effects, claimed by whoever adds them for so many seconds. One that is waiting already stays with its latest content.
INSERT INTO checkout_effects (checkout, key, effect, due_at)
SELECT $1, e.key, e.effect, now() + make_interval(secs => $4)
FROM unnest($2::text[], $3::jsonb[]) WITH ORDINALITY AS e (key, effect, position)
ORDER BY e.position
ON CONFLICT (key) DO UPDATE SET effect = excluded.effect, due_at = excluded.due_at
RETURNING id, checkout, effect, attempts
