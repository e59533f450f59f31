-- Reads the product snapshots of these posts. The posts are locked first, so a feed that commits later waits for
-- them and has the last word.
SELECT p.id AS post, sold.item, sold.blocked, sold.missing_runs, sold.removed_at, sold.image_refused, sold.sold_out,
       owner.suspended_at IS NOT NULL AS suspended, owner.slug, owner.name
FROM posts p JOIN products sold ON sold.id = p.product JOIN partners owner ON owner.id = p.partner
WHERE p.id = ANY($1)
