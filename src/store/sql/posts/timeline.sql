-- Lists live posts, newest first, after a timeline cursor. The caller decides who may buy. Posts of a partner that was
-- just suspended are left out before they are settled.
SELECT id, rollout, shown_at FROM posts p
WHERE state = 'live' AND NOT EXISTS (SELECT FROM partners o WHERE o.id = p.partner AND o.suspended_at IS NOT NULL)
    AND (shown_at, id) < ($1::timestamptz, $2::uuid)
ORDER BY shown_at DESC, id DESC LIMIT $3
