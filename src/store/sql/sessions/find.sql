-- The session with this token, unless it has ended: at its time, or because it was not used for so long.
SELECT id, key_hash, user_agent, created_at, last_used_at, expires_at,
       last_used_at < now() - interval '1 minute' AS is_touch_due
FROM sessions
WHERE token_hash = $1 AND expires_at > now() AND last_used_at > now() - make_interval(secs => $2)
