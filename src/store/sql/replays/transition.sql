-- Pause, resume or cancel; never a job that has ended, except to say the same again.
UPDATE replays SET status = $2, updated_at = now()
WHERE id = $1 AND (status IN ('running', 'paused') OR status = $2)
