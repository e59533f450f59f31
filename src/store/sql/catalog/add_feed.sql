-- Creates the row whose lock guards a partner's catalog.
INSERT INTO feeds (partner) VALUES ($1) ON CONFLICT (partner) DO NOTHING
