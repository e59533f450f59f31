-- Reads the database's clock, to compare it with the node's.
SELECT clock_timestamp()
