-- Nothing of the bare COPY may be in the way of what is measured after it.
DROP TABLE IF EXISTS bench_bare
