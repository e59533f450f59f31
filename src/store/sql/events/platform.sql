-- Finds the reserved partner that receives operational events.
SELECT id FROM partners WHERE slug = 'platform'
