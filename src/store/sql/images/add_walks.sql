-- Creates the walk state of every catalog that has none.
INSERT INTO image_walks (partner)
SELECT f.partner FROM feeds f WHERE NOT EXISTS (SELECT FROM image_walks w WHERE w.partner = f.partner)
ON CONFLICT DO NOTHING
