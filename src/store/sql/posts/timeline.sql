-- Live posts, the newest first, behind a place in the timeline: who may buy is judged outside.
SELECT id, rollout, shown_at FROM posts
WHERE state = 'live' AND (shown_at, id) < ($1::timestamptz, $2::uuid)
ORDER BY shown_at DESC, id DESC LIMIT $3
