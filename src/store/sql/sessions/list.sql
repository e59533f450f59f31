-- The sessions that were opened with a key and have not ended, newest first.
SELECT id, key_hash, user_agent, created_at, last_used_at, expires_at
FROM sessions
WHERE key_hash = $1 AND expires_at > now() AND last_used_at > now() - make_interval(secs => $2)
ORDER BY id DESC
LIMIT 100
