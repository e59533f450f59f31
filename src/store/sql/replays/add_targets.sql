-- Adds one row per endpoint, each with its own cursor.
INSERT INTO replay_targets (replay, endpoint, cursor_at)
SELECT $1::uuid, endpoint, $3::timestamptz FROM unnest($2::uuid[]) AS endpoint
