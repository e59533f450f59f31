-- The baseline: the least that a database can do with a feed.
COPY bench_bare FROM STDIN (FORMAT binary)
