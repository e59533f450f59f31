-- Proves that this node's writes commit: a WAL message that must reach the disk, and 64 kB of rows that need space.
WITH taken AS (
    INSERT INTO write_check (filler) SELECT repeat('x', 1000) FROM generate_series(1, 64)
)
SELECT pg_logical_emit_message(true, 'buywire', 'write check') IS NOT NULL AS is_written, clock_timestamp() AS at
