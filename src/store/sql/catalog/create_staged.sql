-- What a run reads, for as long as its session lives.
CREATE TEMP TABLE feed_staged (LIKE feed_staged)
