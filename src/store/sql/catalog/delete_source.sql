-- Deletes a partner's feed source and returns its URL for the audit log.
DELETE FROM feed_sources WHERE partner = $1 RETURNING url
