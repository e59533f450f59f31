-- Whether a write of this node is committed: a message in the log that has to be on the disk, and 64 kB of rows for
-- which room has to be found.
WITH taken AS (
    INSERT INTO write_check (filler) SELECT repeat('x', 1000) FROM generate_series(1, 64)
)
SELECT pg_logical_emit_message(true, 'buywire', 'write check') IS NOT NULL AS is_written, clock_timestamp() AS at
