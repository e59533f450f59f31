-- Every catalog is walked: the row that says how far.
INSERT INTO image_walks (partner)
SELECT f.partner FROM feeds f WHERE NOT EXISTS (SELECT FROM image_walks w WHERE w.partner = f.partner)
ON CONFLICT DO NOTHING
