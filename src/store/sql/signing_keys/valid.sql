-- Lists keys that sign now or later, or whose signatures may still be in transit, newest first.
SELECT id, secret, signs_from, valid_until FROM signing_keys
WHERE valid_until IS NULL OR valid_until > now()
ORDER BY created_at DESC
