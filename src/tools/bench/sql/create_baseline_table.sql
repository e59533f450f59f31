-- Where the bare COPY goes: what products say, not logged, as the tables of a run are not.
CREATE UNLOGGED TABLE bench_bare (LIKE feed_contents)
