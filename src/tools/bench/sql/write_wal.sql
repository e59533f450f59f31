-- A server that has run for a while reuses WAL files; a new one must create each of them first.
SELECT count(pg_logical_emit_message(false, 'bench', repeat('x', 1024 * 1024))) FROM generate_series(1, $1::bigint)
