-- Lists callbacks to apply, longest waiting first.
SELECT id FROM callbacks WHERE due_at <= now() ORDER BY due_at, id LIMIT $1
