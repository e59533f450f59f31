-- The database's clock at this moment, to hold the node's own against.
SELECT clock_timestamp()
