-- The baseline must not affect later measurements.
DROP TABLE IF EXISTS bench_bare
