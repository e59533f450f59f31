-- Counts a partner's endpoints. The partner's row is locked, so that two callers cannot exceed the limit together.
SELECT count(*) FROM endpoints WHERE partner = $1 AND deleted_at IS NULL
