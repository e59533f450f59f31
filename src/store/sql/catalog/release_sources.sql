-- Pulls of a node that stops in good order: another node begins them anew, without waiting for their lease to end.
UPDATE feed_sources SET claim = NULL, claim_expires_at = NULL, next_at = now() WHERE claim = ANY ($1::uuid[])
