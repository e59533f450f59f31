-- Adds a post, unless its slug is taken.
INSERT INTO posts (id, slug, product, partner, rule, state, reason, text, weighted_length, template, url, card, rollout,
                   publish, publications, starts_at, ends_at, next_at, version, created_at, published_at, updated_at,
                   sells_here)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
        $23)
ON CONFLICT (slug) DO NOTHING
