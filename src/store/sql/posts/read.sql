-- Reads whole posts, unordered.
SELECT p.id, p.slug, p.url, p.state, p.reason, p.text, p.weighted_length, p.template, p.card, p.product,
       owner.slug AS partner, sold.item_id, p.starts_at, p.ends_at, p.rollout, p.publish, p.publications, p.version,
       p.created_at, p.published_at, p.updated_at, p.sells_here
FROM posts p JOIN products sold ON sold.id = p.product JOIN partners owner ON owner.id = p.partner
WHERE p.id = ANY($1)
