-- Records the job's progress at one endpoint, in the transaction that moved the rows.
UPDATE replay_targets SET cursor_at = coalesce($3, cursor_at), cursor = coalesce($4, cursor), done = $5
WHERE replay = $1 AND endpoint = $2
