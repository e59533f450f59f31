-- Where the bare COPY goes: the shape of what a run reads, not logged, as its temporary table is not.
CREATE UNLOGGED TABLE bench_bare (LIKE feed_staged)
