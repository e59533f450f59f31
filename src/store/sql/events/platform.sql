-- The reserved partner, who hears of everything that operators should know.
SELECT id FROM partners WHERE slug = 'platform'
