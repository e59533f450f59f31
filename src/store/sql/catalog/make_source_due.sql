-- Makes a source due now.
UPDATE feed_sources SET next_at = now() WHERE partner = (SELECT id FROM partners WHERE slug = $1)
