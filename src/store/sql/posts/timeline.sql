-- Lists live posts, newest first, after a timeline cursor. The caller decides who may buy.
SELECT id, rollout, shown_at FROM posts
WHERE state = 'live' AND (shown_at, id) < ($1::timestamptz, $2::uuid)
ORDER BY shown_at DESC, id DESC LIMIT $3
