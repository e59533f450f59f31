-- The row under whose lock the catalog of a partner changes.
INSERT INTO feeds (partner) VALUES ($1) ON CONFLICT (partner) DO NOTHING
