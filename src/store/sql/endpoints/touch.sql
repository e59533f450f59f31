-- Its keys changed; its owner sees the new version.
UPDATE endpoints SET version = version + 1, updated_at = now() WHERE id = $1
