-- A partner's feed is not pulled any more; where it came from is for the audit.
DELETE FROM feed_sources WHERE partner = $1 RETURNING url
