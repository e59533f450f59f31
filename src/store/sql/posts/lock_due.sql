-- Posts that change by themselves about now. Those that somebody else holds are not waited for.
SELECT id FROM posts WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
