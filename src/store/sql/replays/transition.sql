-- Pauses, resumes or cancels a job. A job that has ended only accepts its own status again.
UPDATE replays SET status = $2, updated_at = now()
WHERE id = $1 AND (status IN ('running', 'paused') OR status = $2)
