-- A run is believed only when the table of delivered deliveries has them all.
SELECT count(*) FROM delivered
